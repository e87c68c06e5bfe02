/** Who gets a share of a win besides the winner, and how much. */
import type {
  PotsCommunityList,
  PotsCommunityPayout,
  PotsCommunitySizes,
} from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import { ONE, type Micros } from '../../../kernel/index.ts';

/** How players are chosen; the numbers are stored. */
export const strategy = { active: 1, lifetime: 2, perWin: 3 } as const;

/** A player in a list, and what has brought the player there. */
export interface Standing {
  readonly player: number;
  /** Of the last contribution. */
  readonly country: string;
  /** Microseconds since 1970, or micro-units. */
  readonly value: bigint;
  /** Whether the player has opted out. */
  readonly isOut: boolean;
}

/** How many players of a list a payout looks at: enough, even if every other one gets nothing. */
export const looksAt = (count: number): number => 2 * count + 1;

/** How many players of each list there must be; undefined: no pot has community payouts. */
export function sizesOf(pots: readonly (readonly PotsCommunityPayout[])[]): PotsCommunitySizes | undefined {
  const sizeOf = (payouts: readonly PotsCommunityPayout[], by: number): number =>
    payouts.reduce((most, one) => (one.strategy === by ? Math.max(most, looksAt(one.count)) : most), 0);
  const all = pots.flat();
  if (all.length === 0) return undefined;
  const perWin = pots.map((payouts) => sizeOf(payouts, strategy.perWin));
  return {
    active: sizeOf(all, strategy.active),
    lifetime: sizeOf(all, strategy.lifetime),
    perWin: perWin.some((size) => size > 0) ? perWin : [],
  };
}

const without = (list: readonly Standing[], { player }: Standing): Standing[] =>
  list.filter((one) => one.player !== player);

/** A list of the players who contributed last, with the one who did now. */
export const latest = (list: readonly Standing[], now: Standing, size: number): Standing[] =>
  [now, ...without(list, now)].slice(0, size);

/** A list of the highest players, with a new value of one of them. Who has reached a value first stands first. */
export function ranked(list: readonly Standing[], now: Standing, size: number): Standing[] {
  const others = without(list, now);
  const below = others.findIndex(({ value }) => value < now.value);
  return others.toSpliced(below === -1 ? others.length : below, 0, now).slice(0, size);
}

/** Whom of a list a payout may go to. @param takes whether players of a country may contribute. */
export const eligible = (
  list: readonly Standing[],
  { count, windowMs, strategy: by }: PotsCommunityPayout,
  takes: (country: string) => boolean,
  now: number,
): Standing[] =>
  list
    .slice(0, looksAt(count))
    .filter(({ isOut, country, value }) => {
      const isLate = by === strategy.active && value < BigInt(now) - windowMs * 1000n;
      return !isOut && !isLate && takes(country);
    })
    // The winner may be one of them.
    .slice(0, count + 1);

/** What a player gets besides the winner. */
export interface Share {
  readonly player: number;
  readonly country: string;
  readonly amount: Micros;
}

/**
 * The shares of what a pot pays: of each payout equal parts, rounded down. The rest is the winner's. @param winner by
 * number.
 */
export function sharesOf(value: Micros, lists: readonly PotsCommunityList[], winner: number): Share[] {
  return lists.flatMap(({ percentage, count, players }) => {
    const chosen = players.filter(({ player }) => player !== BigInt(winner)).slice(0, count);
    if (chosen.length === 0) return [];
    const amount = (value * percentage) / (ONE * BigInt(chosen.length));
    return amount === 0n ? [] : chosen.map(({ player, country }) => ({ player: Number(player), country, amount }));
  });
}

/** The sum of shares. */
export const sumOf = (shares: readonly { readonly amount: Micros }[]): Micros =>
  shares.reduce((sum, { amount }) => sum + amount, 0n);
