import { PlayerLimits, PlayerLimitsUsed } from '../../gen/ts/windfall/facts/v1/player.ts';
import {
  assetOfAccount,
  defineFact,
  isPlayers,
  type Fact,
  type RowRequests,
  type Snapshot,
  type Transfer,
} from '../journal/index.ts';
import { ApiError } from '../kernel/index.ts';
import { checkLimits, countUses, limitKind, type Use } from './limits.ts';
import { guard } from './guard.ts';

/** A play counts towards the limits of a player. */
export const playerLimitsUsed = defineFact<PlayerLimitsUsed>({
  name: 'player.limits-used',
  number: 104,
  version: 1,
  aggregate: guard,
  codec: PlayerLimitsUsed,
  players: (_, id) => [id],
  evolve(data, rows, at) {
    const row = rows.edit(guard, at.aggregate);
    row.limits = PlayerLimits.encode(countUses(PlayerLimits.decode(row.limits), data.uses, at.time)).finish();
  },
});

const NONE: readonly Fact[] = [];

/** What the transfers of a play take from players' accounts. */
export function spends(transfers: readonly Transfer[]): Use[] {
  return transfers.flatMap(({ from, amount }) =>
    isPlayers(from) ? [{ kind: 'spend' as const, asset: assetOfAccount(from), amount }] : [],
  );
}

/**
 * Requests what `checkPlay` reads. Each operation in which a player starts something new calls both: an open, a play,
 * an entry, a score, a contribution, an event.
 * @param counts whether the operation may count towards limits: it has a price, or is an open, a play or a ticket.
 */
export function playNeeds(rows: RowRequests, player: number, counts: boolean): void {
  if (counts) rows.lock(guard, player);
  else rows.read(guard, player);
}

/**
 * Throws PLAYER_EXCLUDED or LIMIT_REACHED if a player may not start something new. What was bought or earned before an
 * exclusion stands. Returns the facts to record after those of the play: one if the player has limits, otherwise none.
 */
export function checkPlay(snapshot: Snapshot, player: number, uses: readonly Use[]): readonly Fact[] {
  const { excludedUntil, limits } = snapshot.row(guard, player);
  if (excludedUntil > snapshot.now) {
    throw new ApiError('PLAYER_EXCLUDED', 'the player is excluded', {
      details: { until: new Date(excludedUntil / 1000).toISOString() },
    });
  }
  if (limits.length === 0 || uses.length === 0) return NONE;
  const used = uses.map((use) => ({
    kind: limitKind[use.kind],
    asset: BigInt(use.kind === 'spend' ? use.asset : 0),
    amount: use.amount,
  }));
  checkLimits(PlayerLimits.decode(limits), used, snapshot.now);
  const data: PlayerLimitsUsed = { uses: used };
  return [{ kind: playerLimitsUsed, id: player, data, transfers: [] }];
}
