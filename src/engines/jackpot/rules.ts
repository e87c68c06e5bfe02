/**
 * The arithmetic of pots, in whole micro-units: how a contribution is divided, which of the won pots pay, and what a
 * pot starts its next cycle with. Every micro-unit of a contribution is in a pot's value, in a reserve, or in the house
 * share.
 */
import type { JackpotWon } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type { Micros } from '../../kernel/index.ts';

const MILLION = 1_000_000n;

/** How the hidden trigger of a pot's cycle is bounded. */
export type MustDrop =
  | { readonly kind: 'value'; readonly at: Micros }
  | { readonly kind: 'time'; readonly seconds: number };

/** The rules of one pot. Shares are in millionths. */
export interface PotRules {
  /** The part of a contribution after fixed shares; 0 if the share is fixed. */
  readonly share: bigint;
  /** The fixed amount of each contribution; 0 if the share is a part. */
  readonly fixedShare: Micros;
  readonly seedShare: bigint;
  readonly seed: Micros;
  readonly collect: 'to_seed' | 'always';
  readonly reseed: 'full' | 'minimum';
  readonly fixed: boolean;
  readonly maxValue: Micros | null;
  readonly mustDrop: MustDrop | null;
}

/** The columns of a pot's row that the rules use. */
export interface PotState {
  readonly value: Micros;
  readonly reserve: Micros;
  readonly surplus: Micros;
  readonly triggerTo: bigint;
}

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
export const operatorPart = (amount: Micros, operatorShare: bigint): Micros => (amount * operatorShare) / MILLION;

/**
 * What each pot gets of a contribution, in the order of the pots. Fixed shares are taken first, as far as the
 * contribution suffices. Of the remainder every other pot gets its part, rounded down. The house gets the rest.
 */
export function partsOf(amount: Micros, pots: readonly Pick<PotRules, 'share' | 'fixedShare'>[]): Micros[] {
  let left = amount;
  const fixed = pots.map(({ fixedShare }) => {
    const part = min(fixedShare, left);
    left -= part;
    return part;
  });
  return pots.map(({ share }, i) => fixed[i]! + (left * share) / MILLION);
}

/**
 * How a pot's part of a contribution is split: seedShare of it goes to the reserve while the pot collects (always, or
 * until the reserve holds the seed), and all of it if the value is fixed. Any excess over the value's cap also goes to
 * the reserve.
 */
export function shareOf(whole: Micros, rules: PotRules, state: PotState): Share {
  if (rules.fixed) return { value: 0n, reserve: whole, overflow: 0n };
  const collects = rules.collect === 'always' || state.reserve < rules.seed;
  const reserve = collects ? (whole * rules.seedShare) / MILLION : 0n;
  const wanted = whole - reserve;
  const cap = capOf(rules, state);
  const room = cap === null ? wanted : cap > state.value ? cap - state.value : 0n;
  const overflow = wanted > room ? wanted - room : 0n;
  return { value: wanted - overflow, reserve: reserve + overflow, overflow };
}

/** The maximum of the pot's value in this cycle. */
function capOf({ maxValue, mustDrop }: PotRules, { triggerTo }: PotState): Micros | null {
  if (mustDrop?.kind !== 'value') return maxValue;
  return maxValue === null || triggerTo < maxValue ? triggerTo : maxValue;
}

/** The sum of the pots' values after a contribution and the restarts of the pots that it won. */
export function poolAfter(
  pots: readonly Pick<PotState, 'value'>[],
  shares: readonly Pick<Share, 'value'>[],
  wins: readonly Pick<JackpotWon, 'amount' | 'start'>[],
): Micros {
  let pool = 0n;
  for (let i = 0; i < pots.length; i++) pool += pots[i]!.value + shares[i]!.value;
  for (const { amount, start } of wins) pool += start!.value - amount;
  return pool;
}

/** What a pot starts its next cycle with, and who pays it. */
export interface Reseed {
  readonly value: Micros;
  readonly fromReserve: Micros;
  readonly fromSurplus: Micros;
  /** The part that the operator pays. */
  readonly deficit: Micros;
}

/**
 * The start after a win: the whole reserve, or only the seed from it. If that is less than the seed, the rest is paid
 * from the surplus seed, then by the operator. Never more than the pot's cap; the excess stays in the reserve.
 */
export function restart(rules: PotRules, { reserve, surplus }: Pick<PotState, 'reserve' | 'surplus'>): Reseed {
  const { seed, maxValue, mustDrop } = rules;
  const wanted = rules.reseed === 'full' ? reserve : min(reserve, seed);
  const caps = [maxValue, mustDrop?.kind === 'value' ? mustDrop.at : null].filter((cap) => cap !== null);
  const fromReserve = caps.reduce(min, wanted);
  const short = seed > fromReserve ? seed - fromReserve : 0n;
  const fromSurplus = min(surplus, short);
  const deficit = short - fromSurplus;
  return { value: fromReserve + fromSurplus + deficit, fromReserve, fromSurplus, deficit };
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** A cycle's start: its value, the bounds of its hidden trigger and, for one of time, when it ends at the latest. */
export interface CycleStart {
  readonly value: Micros;
  readonly triggerFrom: bigint;
  readonly triggerTo: bigint;
  /** Microseconds since 1970; 0: never. */
  readonly dueAt: number;
}

/** @param now microseconds since 1970. */
export function startOf(mustDrop: MustDrop | null, value: Micros, now: number): CycleStart {
  if (mustDrop === null) return { value, triggerFrom: 0n, triggerTo: 0n, dueAt: 0 };
  if (mustDrop.kind === 'value') return { value, triggerFrom: value, triggerTo: mustDrop.at, dueAt: 0 };
  const from = Math.floor(now / 1000);
  const to = from + mustDrop.seconds * 1000;
  return { value, triggerFrom: BigInt(from), triggerTo: BigInt(to), dueAt: to * 1000 };
}

export type WinSelector = 'all' | 'first' | 'lowest' | 'highest';

/** Selects the pots that pay from those that one contribution has won, in the order of the pots. */
export function select<Candidate extends { readonly value: Micros }>(
  selector: WinSelector,
  won: readonly Candidate[],
): readonly Candidate[] {
  if (selector === 'all' || won.length < 2) return won;
  const better = (a: Candidate, b: Candidate): boolean =>
    selector === 'lowest' ? b.value < a.value : selector === 'highest' && b.value > a.value;
  return [won.reduce((best, one) => (better(best, one) ? one : best))];
}
