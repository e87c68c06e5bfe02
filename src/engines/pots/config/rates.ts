import type { Micros } from '../../../kernel/index.ts';

const DECIMALS = 9;
/** The digits that every double keeps. */
const DIGITS_MAX = 15;

/** The multipliers of a brand: what a unit of its base currency is worth in each currency, in 10⁻⁹. */
export class Rates {
  readonly #multipliers: ReadonlyMap<string, bigint>;

  constructor(multipliers: ReadonlyMap<string, bigint>) {
    this.#multipliers = multipliers;
  }

  /** The JSON numbers of the multipliers, by currency. */
  get numbers(): readonly { readonly currency: string; readonly multiplier: number }[] {
    return [...this.#multipliers].map(([currency, one]) => ({ currency, multiplier: multiplierNumber(one) }));
  }

  /**
   * An amount in another currency, rounded down once; null: one of both has no multiplier. The same currency is the
   * same amount, with or without multiplier.
   * @param micros not negative.
   */
  convert(micros: Micros, from: string, to: string): Micros | null {
    if (from === to) return micros;
    const [base, target] = [this.#multipliers.get(from), this.#multipliers.get(to)];
    return base === undefined || target === undefined ? null : (micros * target) / base;
  }
}

/** The rates where none are set: each currency is only worth itself. */
export const NO_RATES = new Rates(new Map());

/** A multiplier of a base currency: 1. */
export const ONE = 10n ** BigInt(DECIMALS);

/** How far a multiplier may be from the number that it was read from, as a part of it. */
const OFF_MAX = 1e-6;

/**
 * The multiplier nearest to a JSON number, which has at most 15 digits and 9 decimals. Undefined: there is none, or
 * none that is near enough.
 */
export function multiplierOf(x: number): bigint | undefined {
  if (!Number.isFinite(x) || x <= 0) return undefined;
  const [, whole, fraction, exponent] = /^(\d)\.(\d+)e(.+)$/.exec(x.toExponential(DIGITS_MAX - 1))!;
  const digits = BigInt(`${whole}${fraction}`);
  const zeros = DECIMALS + Number(exponent) - (DIGITS_MAX - 1);
  const unit = 10n ** BigInt(Math.abs(zeros));
  const multiplier = zeros < 0 ? (digits + unit / 2n) / unit : digits * unit;
  return Math.abs(multiplierNumber(multiplier) - x) <= x * OFF_MAX ? multiplier : undefined;
}

/** The JSON number of a multiplier: the one that it was read from. */
export function multiplierNumber(multiplier: bigint): number {
  return Number(`${multiplier}e-${DECIMALS}`);
}
