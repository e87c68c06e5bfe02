import type { MigrationObject } from '@mikro-orm/core';
import { Initial } from './0001-initial.ts';
import { BrandNames } from './0002-brand-names.ts';
import { StartSeeds } from './0003-start-seeds.ts';
import { Settlements } from './0004-settlements.ts';
import { PlayerProtection } from './0005-player-protection.ts';
import { Grants } from './0006-grants.ts';
import { Journeys } from './0007-journeys.ts';
import { PrizeTables } from './0008-prize-tables.ts';
import { Tournaments } from './0009-tournaments.ts';
import { TicketPools } from './0010-ticket-pools.ts';
import { AssetExpiry } from './0011-asset-expiry.ts';
import { PlayerGuard } from './0012-player-guard.ts';
import { FairJackpots } from './0013-fair-jackpots.ts';
import { PotEnds } from './0014-pot-ends.ts';
import { Epochs } from './0015-epochs.ts';
import { MasterKeys } from './0016-master-keys.ts';
import { Receipts } from './0017-receipts.ts';
import { StreamNames } from './0018-stream-names.ts';
import { Pots } from './0019-pots.ts';
import { Webhooks } from './0020-webhooks.ts';
import { JackpotOptIn } from './0021-jackpot-opt-in.ts';
import { WebhooksSince } from './0022-webhooks-since.ts';
import { PotsConfig } from './0023-pots-config.ts';
import { OperatorsAndBrands } from './0024-operators-and-brands.ts';
import { EventsOfPots } from './0025-events-of-pots.ts';
<<<<<<< HEAD
import { OptInTransfers } from './0026-opt-in-transfers.ts';
=======
import { Wins } from './0026-wins.ts';
>>>>>>> d53afa2 (Pots: min_base_wager in their criteria, and max_instantiation_count)

/** All migrations in order; written by `npm run migration`. */
export const migrations: MigrationObject[] = [
  { name: '0001-initial', class: Initial },
  { name: '0002-brand-names', class: BrandNames },
  { name: '0003-start-seeds', class: StartSeeds },
  { name: '0004-settlements', class: Settlements },
  { name: '0005-player-protection', class: PlayerProtection },
  { name: '0006-grants', class: Grants },
  { name: '0007-journeys', class: Journeys },
  { name: '0008-prize-tables', class: PrizeTables },
  { name: '0009-tournaments', class: Tournaments },
  { name: '0010-ticket-pools', class: TicketPools },
  { name: '0011-asset-expiry', class: AssetExpiry },
  { name: '0012-player-guard', class: PlayerGuard },
  { name: '0013-fair-jackpots', class: FairJackpots },
  { name: '0014-pot-ends', class: PotEnds },
  { name: '0015-epochs', class: Epochs },
  { name: '0016-master-keys', class: MasterKeys },
  { name: '0017-receipts', class: Receipts },
  { name: '0018-stream-names', class: StreamNames },
  { name: '0019-pots', class: Pots },
  { name: '0020-webhooks', class: Webhooks },
  { name: '0021-jackpot-opt-in', class: JackpotOptIn },
  { name: '0022-webhooks-since', class: WebhooksSince },
  { name: '0023-pots-config', class: PotsConfig },
  { name: '0024-operators-and-brands', class: OperatorsAndBrands },
  { name: '0025-events-of-pots', class: EventsOfPots },
<<<<<<< HEAD
  { name: '0026-opt-in-transfers', class: OptInTransfers },
=======
  { name: '0026-wins', class: Wins },
>>>>>>> d53afa2 (Pots: min_base_wager in their criteria, and max_instantiation_count)
];
