import { clientSeedSet, seedStream, SeedStreamSchema } from '../fairness/index.ts';
import {
  definition,
  definitionChanged,
  definitionNoted,
  DefinitionSchema,
  definitionShelf,
  DefinitionShelfSchema,
  definitionVersion,
  DefinitionVersionSchema,
} from '../catalogue/index.ts';
import { AdminServiceService } from '../../gen/ts/windfall/auth/v1/admins.ts';
import { AuthServiceService } from '../../gen/ts/windfall/auth/v1/auth.ts';
import { EventServiceService } from '../../gen/ts/windfall/event/v1/event.ts';
import { FairnessServiceService } from '../../gen/ts/windfall/fairness/v1/fairness.ts';
import { GrantServiceService } from '../../gen/ts/windfall/grant/v1/grant.ts';
import { JournalServiceService } from '../../gen/ts/windfall/journal/v1/journal.ts';
import { LedgerServiceService } from '../../gen/ts/windfall/ledger/v1/ledger.ts';
import { PlayerServiceService } from '../../gen/ts/windfall/player/v1/player.ts';
import { SystemServiceService } from '../../gen/ts/windfall/system/v1/system.ts';
import { WebhookServiceService } from '../../gen/ts/windfall/webhook/v1/webhook.ts';
import type { Entity } from '../db/index.ts';
import { account, journalEntities, sealedEpoch, type Part, type SealedTable } from '../journal/index.ts';
import { balanceExpired, transferred } from '../ledger/index.ts';

import {
  guard,
  GuardSchema,
  player,
  playerCreated,
  playerCreatedV1,
  playerLimitsUsed,
  playerProtected,
  PlayerSchema,
  playerUpdated,
} from '../players/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Events } from '../events/index.ts';
import { grant, grantConfirmed, grantExpired, GrantSchema } from '../rewards/index.ts';
import { playCounter, PlayCounterSchema, prizeStock, PrizeStockSchema } from '../prizes/index.ts';
import type { Service } from '../rpc/index.ts';
import { settlement, settlementOpened, settlementPaid, SettlementSchema } from '../settlements/index.ts';
import {
  poolOpened,
  ticketEntry,
  TicketEntrySchema,
  ticketHolder,
  TicketHolderSchema,
  ticketPool,
  TicketPoolSchema,
  ticketsSold,
} from '../tickets/index.ts';
import { adminChanged, apiKeyCreated, apiKeyRevoked, sealedTenants, tenantEntities } from '../tenants/index.ts';
import { sealedWebhook, webhookEntities, webhookFacts } from '../webhooks/index.ts';
import { adminService } from './auth/admin-service.ts';
import { authService } from './auth/service.ts';
import { eventService } from './events/service.ts';
import { fairnessService } from './fairness/service.ts';
import type { AccountOwners } from './journal/accounts.ts';
import { journalService } from './journal/service.ts';
import { expireBalances } from './ledger/expire-balances.ts';
import { ledgerService } from './ledger/service.ts';
import { expireGrants } from './grants/expire-grants.ts';
import { grantService } from './grants/service.ts';
import { playerService } from './players/service.ts';
import { systemService, type Installation } from './system/service.ts';
import { webhookService } from './webhooks/service.ts';

export { groundEvents } from './events/kinds.ts';
export { readBuild } from './system/build.ts';

/** The tables and facts that all engines build on. */
export const groundParts: readonly Part[] = [
  { name: 'journal', block: 0, tables: [account] },
  {
    name: 'players',
    block: 100,
    tables: [player, guard],
    facts: [playerCreated, playerCreatedV1, playerUpdated, playerProtected, playerLimitsUsed],
  },
  { name: 'fairness', block: 200, tables: [seedStream], facts: [clientSeedSet] },
  {
    name: 'ledger',
    block: 300,
    tables: [settlement],
    facts: [transferred, settlementOpened, settlementPaid, balanceExpired],
  },
  { name: 'tickets', block: 700, tables: [ticketPool, ticketEntry, ticketHolder], facts: [poolOpened, ticketsSold] },
  { name: 'tenants', block: 400, facts: [apiKeyCreated, apiKeyRevoked, adminChanged] },
  {
    name: 'prizes',
    block: 600,
    tables: [grant, prizeStock, playCounter],
    facts: [grantConfirmed, grantExpired],
  },
  {
    name: 'catalogue',
    block: 500,
    tables: [definition, definitionVersion, definitionShelf],
    facts: [definitionChanged, definitionNoted],
  },
  { name: 'webhooks', block: 800, facts: webhookFacts },
];

export const groundEntities: readonly Entity[] = [
  ...tenantEntities,
  ...journalEntities,
  PlayerSchema,
  GuardSchema,
  SeedStreamSchema,
  DefinitionSchema,
  DefinitionVersionSchema,
  SettlementSchema,
  TicketPoolSchema,
  TicketEntrySchema,
  TicketHolderSchema,
  GrantSchema,
  DefinitionShelfSchema,
  PrizeStockSchema,
  PlayCounterSchema,
  ...webhookEntities,
];

/** The tables of administrative writes that belong to no engine. */
export const groundSealed: readonly SealedTable[] = [...Object.values(sealedTenants), sealedWebhook, sealedEpoch];

/** The tasks that belong to no engine. */
export const groundTasks = [expireGrants, expireBalances];

/** What engines contribute to the common services. */
export interface FromEngines {
  /** The owners of their kinds of accounts. */
  readonly owners: AccountOwners;
  readonly events: Events;
}

/** The services that belong to no engine. */
export function groundServices(
  platform: Platform,
  { owners, events }: FromEngines,
  installation: Installation,
): readonly Service[] {
  return [
    [AuthServiceService, authService(platform)],
    [AdminServiceService, adminService(platform)],
    [PlayerServiceService, playerService(platform)],
    [LedgerServiceService, ledgerService(platform)],
    [FairnessServiceService, fairnessService(platform)],
    [GrantServiceService, grantService(platform)],
    [JournalServiceService, journalService(platform, owners)],
    [EventServiceService, eventService(platform, events)],
    [WebhookServiceService, webhookService(platform)],
    [SystemServiceService, systemService(installation)],
  ] as unknown as readonly Service[];
}
