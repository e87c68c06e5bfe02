/**
 * The recipe of contributions to a jackpot, as SPECIFICATION.md has it: what becomes of an amount, and which pots it
 * wins. The engine and VerifyProof both use it.
 */
import { invalid, type Micros } from '../kernel/index.ts';
import type { Draw } from './draw.ts';
import { ATTEMPTS_MAX, attemptsFor, drawPot } from './hit-rate.ts';
import type { JackpotConfig, PotConfig, WinSelector } from './pot-config.ts';
import { partsOf, shareOf, type Share } from './pot-money.ts';

/** The state of a pot that a contribution meets. */
export interface PotBefore {
  readonly value: Micros;
  readonly reserve: Micros;
  /** u: the value at which the pot was last drawn. */
  readonly drawnAt: Micros;
}

export type WonBy = 'hit_rate' | 'must_drop_value';

/** What a contribution did to a pot. */
export interface PotOutcome extends Share {
  /** The pot's value with the contribution: what it pays if it is won. */
  readonly after: Micros;
  /** u afterwards, unless the pot was won: then its next cycle starts. */
  readonly drawnAt: Micros;
  /** The attempts that were drawn; if one hit the pot, it was the last one. */
  readonly attempts: number;
  readonly wonBy: WonBy | null;
  /** Whether the wager was too small for the pot: it does not count in the sum of the cycle. */
  readonly barred: boolean;
}

export interface ContributionOutcome {
  /** In the order of the pots. */
  readonly pots: readonly PotOutcome[];
  /** What the pots' shares leave. */
  readonly house: Micros;
}

/** Whether a contribution can win one of the pots. */
export const isDrawn = ({ pots }: JackpotConfig): boolean =>
  pots.some(({ terms }) => terms.hitRate !== null || terms.mustDropValue !== null);

/**
 * Divides a contribution and draws the pots, one after another: first whether it hits the pot by chance, then whether
 * it wins the pot on the way from u to v', the value with the contribution: with chance (v' − u) / (bound − u). With a
 * selector other than "all" the first win ends the drawing; the pots that were not reached keep u, and stop one
 * micro-unit below their bound.
 * @param draw null if no pot can be won. @param wager that it is for; null: large enough for all pots.
 * @throws ApiError for `amount` if it buys more than 10,000 attempts in total.
 */
export function contribute(
  { selector, pots }: JackpotConfig,
  before: readonly PotBefore[],
  amount: Micros,
  draw: Draw | null,
  wager: Micros | null = null,
): ContributionOutcome {
  const parts = partsOf(amount, pots);
  let house = amount;
  const outcomes = pots.map((pot, i): Changing => {
    const { value: held, drawnAt } = before[i]!;
    const barred = wager !== null && wager < pot.terms.minBaseWager;
    const { value, reserve, overflow } = shareOf(amount, parts[i]!, pot, before[i]!, barred);
    house -= parts[i]!;
    return { value, reserve, overflow, after: held + value, drawnAt, attempts: 0, wonBy: null, barred };
  });
  if (draw !== null) drawPots(draw, selector, pots, outcomes, amount);
  return { pots: outcomes, house };
}

/** An outcome while it is being drawn. */
type Changing = { -readonly [Key in keyof PotOutcome]: PotOutcome[Key] };

function drawPots(
  draw: Draw,
  selector: WinSelector,
  pots: readonly PotConfig[],
  outcomes: readonly Changing[],
  amount: Micros,
): void {
  const attempts = attemptsOf(pots, outcomes, amount);
  let ended = false;
  for (const place of placesOf(selector, outcomes)) {
    const [pot, outcome] = [pots[place]!, outcomes[place]!];
    if (ended) {
      passOver(pot, outcome);
      continue;
    }
    if (takesPart(pot, outcome, amount)) drawOne(draw, pot, outcome, attempts[place]!);
    ended = selector !== 'all' && outcome.wonBy !== null;
  }
}

/** Whether a contribution draws a pot: it is not too small for the pot, and there is something to win. */
export const takesPart = ({ terms }: PotConfig, { after, barred }: PotOutcome, amount: Micros): boolean =>
  !barred && amount >= terms.minContribution && after > 0n;

/** The attempts that an amount buys: whole ones, and a fraction in millionths. */
export interface Attempts {
  readonly whole: number;
  readonly millionths: number;
}

const NO_ATTEMPTS: Attempts = { whole: 0, millionths: 0 };

/** The attempts that the amount buys for each pot. @throws ApiError for `amount` beyond 10,000 in total. */
export function attemptsOf(pots: readonly PotConfig[], outcomes: readonly PotOutcome[], amount: Micros): Attempts[] {
  let total = 0n;
  const attempts = pots.map((pot, i) => {
    const { hitRate } = pot.terms;
    if (hitRate === null || !takesPart(pot, outcomes[i]!, amount)) return NO_ATTEMPTS;
    const { whole, millionths } = attemptsFor(amount, hitRate.cost);
    total += whole + (millionths > 0 ? 1n : 0n);
    return { whole: Number(whole), millionths };
  });
  if (total > ATTEMPTS_MAX) throw invalid('amount', `buys ${total} attempts, more than ${ATTEMPTS_MAX}`);
  return attempts;
}

/** The places of the pots in the order in which they are drawn: their own, or that of their values. */
export function placesOf(selector: WinSelector, outcomes: readonly PotOutcome[]): number[] {
  const places = outcomes.map((_, place) => place);
  if (selector === 'all' || selector === 'first') return places;
  const sign = selector === 'lowest' ? 1n : -1n;
  // Sorting keeps the order of equals.
  return places.sort((a, b) => Number((outcomes[a]!.after - outcomes[b]!.after) * sign));
}

/** Draws one pot: whether it is hit by chance, and if not, whether its value wins it. */
function drawOne(draw: Draw, { terms }: PotConfig, outcome: Changing, { whole, millionths }: Attempts): void {
  const { hitRate, mustDropValue: bound } = terms;
  if (hitRate !== null) {
    const { attempts, hit } = drawPot(draw, hitRate.odds, whole, millionths);
    outcome.attempts = attempts;
    if (hit) {
      outcome.wonBy = 'hit_rate';
      return;
    }
  }
  const { after, drawnAt: u } = outcome;
  if (bound === null || after === u) return;
  outcome.drawnAt = after;
  if (draw.uniformBigint(bound - u) < after - u) outcome.wonBy = 'must_drop_value';
}

/** A pot that was not reached stops a micro-unit below its bound, so that reaching it is always drawn. */
function passOver({ terms }: PotConfig, outcome: Changing): void {
  if (outcome.after !== terms.mustDropValue || outcome.value === 0n) return;
  outcome.value -= 1n;
  outcome.after -= 1n;
  outcome.reserve += 1n;
  outcome.overflow += 1n;
}
