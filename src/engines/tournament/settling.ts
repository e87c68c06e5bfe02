import type { TournamentDefinition } from '../../../gen/ts/windfall/facts/v1/tournament.ts';
import { readRows, readRowsById } from '../../journal/index.ts';
import type { Micros, OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { settlementTask, type Payee } from '../kit/index.ts';
import { placesPaid, prizesOf } from './bound.ts';
import { withRules } from './current.ts';
import { entry as entries, entryCode, season as seasons, seasonStatus, type SeasonRow } from './entities.ts';
import { countTied, readRanking, type Ranked } from './ranking.ts';
import { prizeOf } from './rules.ts';

/** An entry with its prize. */
export interface PrizePlace extends Ranked {
  readonly prize: Micros;
}

/** Up to `limit` places after `offset` that get a prize, in order. */
export async function readPrizes(
  platform: Platform,
  operator: OperatorNo,
  row: SeasonRow,
  rules: TournamentDefinition,
  offset: number,
  limit: number,
): Promise<PrizePlace[]> {
  const prizes = prizesOf(rules, row);
  const paid = placesPaid(prizes, row);
  if (!rules.sharedTies) {
    const places = await readRanking(platform, operator, row.id, { offset, limit: Math.min(limit, paid - offset) });
    return places.map((place) => ({ ...place, prize: prizeOf(prizes, place.place) }));
  }
  const read = await readRanking(platform, operator, row.id, { offset, limit });
  const places = read.filter(({ shared }) => shared <= paid);
  // Entries of equal points are next to each other. Only the first and the last of them may have more elsewhere.
  const counts = new Map<bigint, number>();
  for (const { points } of places) counts.set(points, (counts.get(points) ?? 0) + 1);
  for (const points of new Set([places[0], places.at(-1)].flatMap((place) => place?.points ?? [])))
    counts.set(points, await countTied(platform, operator, row.id, points));
  return places.map((place) => ({
    ...place,
    prize: prizeOf(prizes, place.place, { from: place.shared, count: counts.get(place.points)! }),
  }));
}

/** Up to `limit` players after one, by their numbers, whose buy-ins are given back. */
async function readRefunds(
  { reads }: Platform,
  operator: OperatorNo,
  { id, asset }: SeasonRow,
  after: number,
  limit: number,
): Promise<Payee[]> {
  const rows = await reads((em) =>
    readRows(em, entries, operator, (query) =>
      query
        .where('t.code', '>', entryCode(id, after))
        // "0" is the character after "/": it ends the range of a season's codes.
        .where('t.code', '<', `${id}0`)
        .where('t.code', '<>', '')
        .where('t.paid', '>', 0n)
        .orderBy('t.code')
        .limit(limit),
    ),
  );
  return rows.map(({ playerId, paid }) => ({
    position: playerId,
    player: playerId,
    amounts: [{ asset, amount: paid }],
  }));
}

/** Pays what closed and cancelled seasons owe: prizes by place, buy-ins by player. */
export const settling = settlementTask({
  name: 'tournament.settle',
  async payees(platform, operator, { id }, position, limit) {
    const [row] = await platform.reads((em) => readRowsById(em, seasons, operator, [id]));
    if (row!.status === seasonStatus.cancelled) return readRefunds(platform, operator, row!, position, limit);
    const { rules } = await withRules(platform, operator, row!);
    const places = await readPrizes(platform, operator, row!, rules, position, limit);
    return places.map(({ place, player, prize }) => ({
      player,
      position: place,
      amounts: prize === 0n ? [] : [{ asset: row!.asset, amount: prize }],
    }));
  },
});
