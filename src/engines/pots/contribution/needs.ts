import { account, accountId, type RowRequests } from '../../../journal/index.ts';
import { ONE } from '../../../kernel/index.ts';
import { playNeeds } from '../../../players/index.ts';
import { contributionNeeds, optIn, optInCode } from '../../jackpot/index.ts';
import { earningNeeds } from '../raffle/earning.ts';
import type { PotsRequest } from './part.ts';

/** Requests all rows that a contribution needs. */
export function contributingNeeds({ player, asset, instances, earning }: PotsRequest, rows: RowRequests): void {
  const pays = instances.some(({ bound }) => bound.jackpot.operatorShare < ONE);
  playNeeds(rows, player, pays || earning.length > 0);
  if (pays || instances.some(({ drawn }) => drawn)) rows.lock(account, accountId('player', player, asset));
  for (const jackpot of instances) {
    contributionNeeds(jackpot, player, rows);
    rows.lockCode(optIn, optInCode(jackpot.id, player));
  }
  for (const one of earning) if (one !== null) earningNeeds(one, player, rows);
}
