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

/**
 * A multiplier as a JSON number has it, in 10⁻⁹. Undefined: it is not positive, has more than 9 decimals, or more
 * digits than every double keeps.
 */
export function multiplierOf(x: number): bigint | undefined {
  if (!Number.isFinite(x) || x <= 0) return undefined;
  const [, whole, fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(x))!;
  const digits = BigInt(`${whole}${fraction}`);
  const zeros = DECIMALS - fraction.length + Number(exponent);
  if (zeros < 0 || String(digits).length > DIGITS_MAX) return undefined;
  return digits * 10n ** BigInt(zeros);
}

/** The JSON number of a multiplier: the one that it was read from. */
export function multiplierNumber(multiplier: bigint): number {
  return Number(`${multiplier}e-${DECIMALS}`);
}
