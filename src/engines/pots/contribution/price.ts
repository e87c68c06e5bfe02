import { ONE, type Micros } from '../../../kernel/index.ts';
import type { Rates } from '../config/rates.ts';
import type { Terms } from './terms.ts';

/** What a contribution costs. */
export interface Price {
  /** In the currency of the wager, by player and operator together. */
  readonly paid: Micros;
  /** In the instance's currency: what its pots and its house get. */
  readonly amount: Micros;
}

/** What a price depends on. */
export interface Wager {
  readonly value: Micros;
  readonly currency: string;
  readonly rates: Rates;
  /** What the player has opted in with, in the instance's currency; 0: nothing. */
  readonly preferred: Micros;
}

/**
 * What a contribution costs, each amount rounded down once; a word if it cannot be made. A percentage is of the wager,
 * and converted to the instance's currency; a fixed amount is of the instance's currency, and converted to the wager's.
 * @param currency of the instance.
 */
export function priceOf(
  terms: Terms,
  currency: string,
  { value, currency: paidIn, rates, preferred }: Wager,
): Price | string {
  const { isFixed, fixed, percentage } = terms.contribution;
  const exact = isFixed ? preferred || fixed : (value * percentage) / ONE;
  const converted = isFixed ? rates.convert(exact, currency, paidIn) : rates.convert(exact, paidIn, currency);
  if (converted === null) return 'CurrencyNotSupported';
  const price = isFixed ? { paid: converted, amount: exact } : { paid: exact, amount: converted };
  if (price.paid === 0n || price.amount === 0n) return 'BaseWagerInvalid';
  if (price.paid < (terms.least.get(paidIn) ?? 0n)) return 'ContributionBelowMinimum';
  const most = terms.most.get(paidIn);
  return most !== undefined && price.paid > most ? 'ContributionAboveMaximum' : price;
}
