import { defineEntity } from '@mikro-orm/core';
import type { JackpotContributedV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotsCommunityList } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import { column, stateKey } from '../../../db/index.ts';
import { stateTable, type FactMetadata, type Rows, type Snapshot } from '../../../journal/index.ts';
import type { Micros } from '../../../kernel/index.ts';
import type { Jackpot, Pot } from '../bound.ts';
import { countriesOf, takesCountry } from '../countries.ts';
import { optIn, pot as pots, type PotRow } from '../entities.ts';
import { eligible, latest, ranked, strategy, type Standing } from './rules.ts';

/** Whom the community payouts of an instance choose among. A row has the number of its jackpot. */
export const CommunitySchema = defineEntity({
  name: 'JackpotCommunity',
  tableName: 'jackpot_community',
  properties: {
    ...stateKey,
    /** Those who contributed last, and those who contributed most: `Standing`s as JSON. Empty: nobody yet. */
    active: column.text(),
    lifetime: column.text(),
    /** `PotStandings` of those who contributed most in the current cycles of pots, as JSON. */
    perWin: column.text(),
  },
});
export const community = stateTable(CommunitySchema, { number: 1190, rank: 2 });

type Stored = readonly [player: number, country: string, value: string, isOut: 0 | 1];
/** By the number of a pot: its cycle, and the list. */
type PotStandings = Record<number, readonly [cycle: number, list: readonly Stored[]]>;
/** By the number of a pot: the cycle, and what a player has contributed in it. */
type CycleSums = Record<number, readonly [cycle: number, sum: string]>;

const parsed = <T>(text: string, otherwise: T): T => (text === '' ? otherwise : (JSON.parse(text) as T));
const standingOf = ([player, country, value, isOut]: Stored): Standing => ({
  player,
  country,
  value: BigInt(value),
  isOut: isOut === 1,
});
const stored = (list: readonly Standing[]): Stored[] =>
  list.map(({ player, country, value, isOut }) => [player, country, String(value), isOut ? 1 : 0]);
const listIn = (text: string): Standing[] => parsed<Stored[]>(text, []).map(standingOf);
const textOf = (list: readonly Standing[]): string => JSON.stringify(stored(list));

/** Of a pot in a cycle. */
const listOfPot = (lists: PotStandings, pot: number, cycle: number): Standing[] => {
  const [at, list] = lists[pot] ?? [cycle, []];
  return at === cycle ? list.map(standingOf) : [];
};

/** Notes who has contributed. @param amount of the contribution. */
export function noteContribution(data: JackpotContributedV2, amount: Micros, rows: Rows, at: FactMetadata): void {
  const { country, community: sizes, optIn: counts } = data.instance!;
  const row = rows.edit(community, at.aggregate);
  const { active, lifetime, perWin } = sizes!;
  const player = counts === 0n ? null : rows.edit(optIn, Number(counts));
  const isOut = player?.optedIn === 0;
  const now = (value: bigint): Standing => ({ player: Number(data.player), country, value, isOut });
  if (active > 0) row.active = textOf(latest(listIn(row.active), now(BigInt(at.time)), active));
  if (player === null) return;
  if (lifetime > 0) row.lifetime = textOf(ranked(listIn(row.lifetime), now(player.contributed), lifetime));
  if (perWin.length === 0) return;
  const sums = parsed<CycleSums>(player.cycleSums, {});
  const lists = parsed<PotStandings>(row.perWin, {});
  data.pots.forEach(({ pot }, i) => {
    const size = perWin[i]!;
    if (size === 0) return;
    const { id, cycle } = rows.edit(pots, Number(pot));
    const [of, before] = sums[id] ?? [cycle, '0'];
    const sum = amount + (of === cycle ? BigInt(before) : 0n);
    sums[id] = [cycle, String(sum)];
    lists[id] = [cycle, stored(ranked(listOfPot(lists, id, cycle), now(sum), size))];
  });
  player.cycleSums = JSON.stringify(sums);
  row.perWin = JSON.stringify(lists);
}

/** Notes that players have opted in or out. @param players by number. */
export function noteChoice(jackpot: number, players: ReadonlySet<number>, isOut: boolean, rows: Rows): void {
  const row = rows.edit(community, jackpot);
  const changed = (list: readonly Standing[]): Standing[] =>
    list.map((one) => (players.has(one.player) ? { ...one, isOut } : one));
  if (row.active !== '') row.active = textOf(changed(listIn(row.active)));
  if (row.lifetime !== '') row.lifetime = textOf(changed(listIn(row.lifetime)));
  if (row.perWin === '') return;
  const all = Object.entries(parsed<PotStandings>(row.perWin, {}));
  row.perWin = JSON.stringify(
    Object.fromEntries(all.map(([pot, [cycle, list]]) => [pot, [cycle, stored(changed(list.map(standingOf)))]])),
  );
}

/** A pot's community payouts, with those whom they may go to now. The row of the instance's community was requested. */
export function communityOf(
  { id, instance }: Jackpot,
  { payouts }: Pick<Pot, 'payouts'>,
  { id: pot, cycle }: Readonly<PotRow>,
  snapshot: Snapshot,
): PotsCommunityList[] {
  if (payouts.length === 0) return [];
  const row = snapshot.row(community, id);
  const countries = countriesOf(instance!.rules!);
  const takes = (country: string): boolean => takesCountry(countries, country);
  return payouts.map((payout) => {
    const { percentage, count, strategy: by } = payout;
    const list =
      by === strategy.perWin
        ? listOfPot(parsed<PotStandings>(row.perWin, {}), pot, cycle)
        : listIn(by === strategy.active ? row.active : row.lifetime);
    const players = eligible(list, payout, takes, snapshot.now);
    return { percentage, count, players: players.map(({ player, country }) => ({ country, player: BigInt(player) })) };
  });
}
