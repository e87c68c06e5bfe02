import { formatDecimal, invalid, type Micros } from '../kernel/index.ts';
import { bindConfig, type BoundConfig } from './config-hash.ts';
import type { Draw } from './draw.ts';
import { JsonReader } from './json-reader.ts';

/** A pot that each attempt wins with chance 1 / n. */
export interface HitRatePot {
  readonly id: string;
  /** What one attempt costs, above zero. */
  readonly cost: Micros;
  /** The odds against one attempt, 1 to 9,000,000,000. */
  readonly n: number;
}

export interface BoundHitRate extends BoundConfig {
  readonly pots: readonly HitRatePot[];
}

/** What a contribution drew for one pot. */
export interface PotDraw {
  /** Attempts drawn, including the fractional one; if the pot was hit, it was the last attempt that hit it. */
  readonly attempts: number;
  readonly hit: boolean;
}

const MILLION = 1_000_000;
/** n millionths are drawn for a fraction of an attempt: 9 · 10^15 < 2^53. */
export const HIT_RATE_N_MAX = 9_000_000_000;
export const ATTEMPTS_MAX = 10_000;
export const POTS_MAX = 100;

/**
 * The recipe of pots that are won by chance with each contribution. What is hashed, exactly:
 *
 *     {"pots":[{"cost":"0.1","id":"mini","n":5}]}
 *
 * the instance's hit-rate pots in template order, costs as the shortest decimal strings.
 */
export function bindHitRate(pots: readonly HitRatePot[]): BoundHitRate {
  const bound = bindConfig({ pots: pots.map(({ cost, id, n }) => ({ cost: formatDecimal(cost), id, n })) });
  return { ...bound, pots };
}

/** Parses the text that `bindHitRate` hashes. @throws ApiError naming the part that has another shape. */
export function readHitRate(config: string): HitRatePot[] {
  return JsonReader.parse(config, 'config')
    .member('pots')
    .items(POTS_MAX)
    .map((json) => {
      const cost = json.member('cost').amount();
      if (cost === 0n) throw invalid('config.pots', 'has a pot that costs nothing');
      return { id: json.member('id').string(), cost, n: json.member('n').integer(1, HIT_RATE_N_MAX) };
    });
}

/** The whole attempts that an amount buys, and the remainder in millionths of an attempt, floored. */
export function attemptsFor(amount: Micros, cost: Micros): { whole: bigint; millionths: number } {
  return { whole: amount / cost, millionths: Number(((amount % cost) * 1_000_000n) / cost) };
}

/**
 * Draws all pots of one contribution, in template order, each until it is hit or its attempts are used up. A
 * whole attempt wins on `uniform(n) = 0`; a fraction of f millionths wins on `uniform(n · 1,000,000) < f`,
 * and draws nothing if f = 0.
 * @param amounts the amount for each pot, zero or more; zero draws nothing.
 * @throws ApiError for `amount` if it buys more than 10,000 attempts in total.
 */
export function drawHits(draw: Draw, bound: BoundHitRate, amounts: readonly Micros[]): PotDraw[] {
  const attempts = bound.pots.map((pot, index) => attemptsFor(amounts[index]!, pot.cost));
  const total = attempts.reduce((sum, { whole, millionths }) => sum + whole + (millionths > 0 ? 1n : 0n), 0n);
  if (total > ATTEMPTS_MAX) throw invalid('amount', `buys ${total} attempts, more than ${ATTEMPTS_MAX}`);
  return bound.pots.map((pot, index) => {
    return drawPot(draw, pot.n, Number(attempts[index]!.whole), attempts[index]!.millionths);
  });
}

/** Draws one pot until it is hit or its attempts are used up: whole ones, then a fraction in millionths. */
export function drawPot(draw: Draw, n: number, whole: number, millionths: number): PotDraw {
  for (let attempt = 1; attempt <= whole; attempt++) {
    if (draw.uniform(n) === 0) return { attempts: attempt, hit: true };
  }
  if (millionths === 0) return { attempts: whole, hit: false };
  return { attempts: whole + 1, hit: draw.chance(millionths, n * MILLION) };
}
