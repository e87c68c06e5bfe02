import { ONE, type Micros } from '../../kernel/index.ts';

/** The most points that an entry can have, in millionths: below 2⁶². */
export const POINTS_MAX = 4_000_000_000_000_000_000n;

export type ScoreRule = 'sum' | 'best' | 'latest';

/** The points of a wager, rounded down. */
export const pointsOf = (wagered: Micros, perUnit: bigint): bigint => (wagered * perUnit) / ONE;

/** An entry's points after a score. */
export function pointsAfter(rule: ScoreRule, before: bigint, scored: bigint): bigint {
  if (rule === 'sum') return before + scored;
  return rule === 'latest' || scored > before ? scored : before;
}

/** How many buckets an octave has: points from 2ⁿ to 2ⁿ⁺¹ − 1. */
export const BUCKETS = 256;
/** Rows of buckets that a season can have: the octave is the row's number in the season. */
export const OCTAVES = 64;

/**
 * The bucket of points: octave × 256 + 8 bits. More points never have a lower bucket. Points below 256 have one each;
 * above, a bucket spans 1/256 of its octave.
 */
export function bucketOf(points: bigint): number {
  if (points < 256n) return Number(points);
  const hex = points.toString(16);
  const bits = hex.length * 4 - (Math.clz32(Number.parseInt(hex[0]!, 16)) - 28);
  return (bits - 8) * BUCKETS + (Number(points >> BigInt(bits - 9)) & 255);
}

/** SQL for the highest points of a bucket. */
export const bucketTop = (bucket: string): string =>
  `case when ${bucket} < ${BUCKETS} then ${bucket} ` +
  `else ((257 + (${bucket} & 255)) << ((${bucket} >> 8)::int4 - 1)) - 1 end`;

/** A part of the pool for consecutive ranks; the share is in millionths. */
export interface Range {
  readonly ranks: bigint;
  readonly share: bigint;
}

/** The prizes of the places of a season. */
export interface Prizes {
  /** How many places have one. */
  readonly places: number;
  /** The sum of the prizes of the first `count` places. */
  first(count: number): Micros;
}

/** Divides a pool exactly: what rounding leaves of the shares of all ranks goes to rank 1. */
export function dividePool(ranges: readonly Range[], pool: Micros): Prizes {
  const parts = ranges.map(({ ranks, share }) => ({ ranks, each: (pool * share) / (ONE * ranks) }));
  const total = (pool * ranges.reduce((sum, { share }) => sum + share, 0n)) / ONE;
  const left = total - parts.reduce((sum, { ranks, each }) => sum + ranks * each, 0n);
  return {
    places: Number(ranges.reduce((sum, { ranks }) => sum + ranks, 0n)),
    first(count) {
      let [sum, rest] = [count > 0 ? left : 0n, BigInt(count)];
      for (const { ranks, each } of parts) {
        const taken = rest < ranks ? rest : ranks;
        sum += taken * each;
        rest -= taken;
      }
      return sum;
    },
  };
}

/**
 * The prize of the entry at a place. Entries that share their rank divide the prizes of all their places; micro-units
 * that cannot be divided go to the first of them.
 * @param tied the first place of the entries of equal points, and how many there are; undefined: ties are not shared.
 */
export function prizeOf({ first }: Prizes, place: number, tied?: { from: number; count: number }): Micros {
  const { from, count } = tied ?? { from: place, count: 1 };
  const [total, size] = [first(from + count - 1) - first(from - 1), BigInt(count)];
  return total / size + (BigInt(place - from) < total % size ? 1n : 0n);
}
