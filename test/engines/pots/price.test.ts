import assert from 'node:assert/strict';
import { test } from 'vitest';
import { ONE, Rates } from '../../../src/engines/pots/config/rates.ts';
import { priceOf, type Price } from '../../../src/engines/pots/contribution/price.ts';
import type { Terms } from '../../../src/engines/pots/contribution/terms.ts';

/** A EUR is 3 USD. */
const rates = new Rates(
  new Map([
    ['EUR', ONE],
    ['USD', 3n * ONE],
  ]),
);

interface Of {
  readonly fixed?: bigint;
  readonly percentage?: bigint;
  /** Bounds of what is paid in EUR. */
  readonly least?: bigint;
  readonly most?: bigint;
}

const bound = (amount: bigint | undefined): Map<string, bigint> =>
  new Map(amount === undefined ? [['SEK', 10n ** 15n]] : [['EUR', amount]]);

/** What a wager in EUR costs at an instance. */
const price = (
  { fixed = 0n, percentage = 1_000_000n, least, most }: Of,
  value: bigint,
  { preferred = 0n, instance = 'USD', currency = 'EUR' } = {},
): Price | string => {
  const contribution = { fixed, percentage, isFixed: fixed > 0n };
  const terms = { contribution, least: bound(least), most: bound(most) } as unknown as Terms;
  return priceOf(terms, instance, { value, currency, rates, preferred });
};

test('a part of the wager is rounded down, and then converted to the currency of the instance', () => {
  assert.deepEqual(price({ percentage: 333_333n }, 10n), { paid: 3n, amount: 9n });
  assert.deepEqual(price({ percentage: 500_000n }, 10n, { instance: 'EUR', currency: 'USD' }), {
    paid: 5n,
    amount: 1n,
  });
  assert.deepEqual(price({ percentage: 500_000n }, 10n, { preferred: 30n }), { paid: 5n, amount: 15n });
});

test('a fixed amount is of the currency of the instance, and is what the player has opted in with', () => {
  assert.deepEqual(price({ fixed: 10n }, 99n), { paid: 3n, amount: 10n });
  assert.deepEqual(price({ fixed: 10n }, 99n, { preferred: 30n }), { paid: 10n, amount: 30n });
});

test('bounds are of the currency that is paid, and may be paid themselves', () => {
  const paid = [4n, 5n, 6n].map((value) => price({ least: 5n, most: 5n }, value));
  assert.deepEqual(paid, ['ContributionBelowMinimum', { paid: 5n, amount: 15n }, 'ContributionAboveMaximum']);
});

test('nothing is contributed where either amount is nothing, or one currency has no multiplier', () => {
  assert.equal(price({}, 0n), 'BaseWagerInvalid');
  assert.equal(price({ fixed: 2n }, 99n), 'BaseWagerInvalid');
  assert.equal(price({}, 2n, { instance: 'EUR', currency: 'USD' }), 'BaseWagerInvalid');
  assert.equal(price({}, 2n, { instance: 'GBP' }), 'CurrencyNotSupported');
  assert.deepEqual(price({}, 2n, { instance: 'GBP', currency: 'GBP' }), { paid: 2n, amount: 2n });
});
