/**
 * The arithmetic of pots, in whole micro-units: how a contribution is divided, and what a pot starts its next cycle
 * with. Every micro-unit of a contribution is in a pot's value, in a reserve, or in the house share.
 */
import { ONE, type Micros } from '../kernel/index.ts';
import type { PotConfig, PotRules, PotTerms } from './pot-config.ts';

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** What a contribution adds to a pot; `overflow` is a part of `reserve`. */
export interface Share {
  readonly value: Micros;
  readonly reserve: Micros;
  readonly overflow: Micros;
}

/**
 * The part of a contribution that the operator pays: amount × share, rounded down. The player pays the rest.
 * @param operatorShare in millionths.
 */
export const operatorPart = (amount: Micros, operatorShare: bigint): Micros => (amount * operatorShare) / ONE;

/**
 * What each pot gets of a contribution, in the order of the pots. Fixed shares are taken first, as far as the
 * contribution suffices. Of the remainder every other pot gets its part, rounded down. The house gets the rest.
 */
export function partsOf(amount: Micros, pots: readonly Pick<PotRules, 'share' | 'fixedShare'>[]): Micros[] {
  let left = amount;
  for (const { fixedShare } of pots) left -= min(fixedShare, left);
  let fixed = amount - left;
  return pots.map(({ share, fixedShare }) => {
    if (fixedShare === 0n) return (left * share) / ONE;
    const part = min(fixedShare, fixed);
    fixed -= part;
    return part;
  });
}

/**
 * How a pot's part of a contribution is split. All of it goes to the reserve if the value is fixed, or the contribution
 * is barred from the pot or below its smallest. Otherwise seedShare of it does while the pot collects (always, or until
 * the reserve holds the seed), and so does what is more than one step, or beyond the cap or the value at which the pot
 * drops.
 * @param amount the whole contribution. @param whole the pot's part of it.
 */
export function shareOf(
  amount: Micros,
  whole: Micros,
  { terms, fixed, collect, seed, seedShare }: PotConfig,
  { value, reserve: held }: { readonly value: Micros; readonly reserve: Micros },
  barred = false,
): Share {
  if (fixed || barred || amount < terms.minContribution) return { value: 0n, reserve: whole, overflow: 0n };
  const collects = seedShare !== 0n && (collect === 'always' || held < seed);
  const saved = collects ? (whole * seedShare) / ONE : 0n;
  const wanted = whole - saved;
  const taken = min(wanted, roomIn(terms, value, wanted));
  return { value: taken, reserve: whole - taken, overflow: wanted - taken };
}

/** What one contribution may add to the value at most; `otherwise` if nothing limits it. */
function roomIn({ maxStep, maxValue, mustDropValue }: PotTerms, value: Micros, otherwise: Micros): Micros {
  let room = maxStep ?? otherwise;
  if (maxValue !== null) room = min(room, maxValue - value);
  if (mustDropValue !== null) room = min(room, mustDropValue - value);
  return room < 0n ? 0n : room;
}

/** What a pot starts its next cycle with, and who pays it. */
export interface Reseed {
  readonly value: Micros;
  readonly fromReserve: Micros;
  readonly fromSurplus: Micros;
  /** The part that the operator pays. */
  readonly deficit: Micros;
}

/** The most that a pot may start with: halfway to the value at which it drops; null: no limit. */
export const middleOf = (seed: Micros, mustDropValue: Micros | null): Micros | null =>
  mustDropValue === null ? null : (seed + mustDropValue) / 2n;

/**
 * The start after a win: the whole reserve, or only the seed from it. If that is less than the seed, the rest is paid
 * from the surplus seed, then by the operator. Never more than the cap, nor than halfway to the value at which the pot
 * drops; the excess stays in the reserve. The terms are those of the next cycle.
 */
export function restart(
  { seed, reseed, terms, next }: PotConfig,
  { reserve, surplus }: { readonly reserve: Micros; readonly surplus: Micros },
): Reseed {
  const { maxValue, mustDropValue } = next ?? terms;
  const wanted = reseed === 'full' ? reserve : min(reserve, seed);
  const limits = [maxValue, middleOf(seed, mustDropValue)].filter((limit) => limit !== null);
  const fromReserve = limits.reduce(min, wanted);
  const short = seed > fromReserve ? seed - fromReserve : 0n;
  const fromSurplus = min(surplus, short);
  const deficit = short - fromSurplus;
  return { value: fromReserve + fromSurplus + deficit, fromReserve, fromSurplus, deficit };
}
