import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { multiplierNumber, multiplierOf, NO_RATES, ONE, Rates } from '../../../src/engines/pots/config/rates.ts';

/** 10⁹ units. */
const AMOUNT_MAX = 10n ** 15n;
const amount = fc.bigInt({ min: 0n, max: AMOUNT_MAX });
/** In 10⁻⁹: from the smallest to 10⁹ units. */
const multiplier = fc.oneof(
  fc.bigInt({ min: 1n, max: 10n ** 18n }),
  fc.bigInt({ min: 1n, max: 10n ** 10n }),
  fc.constant(ONE),
);
const ratesOf = (from: bigint, to: bigint): Rates =>
  new Rates(
    new Map([
      ['AAA', from],
      ['BBB', to],
    ]),
  );

describe('an amount in another currency', () => {
  test('is never more than its exact value, and less by less than a micro-unit', () => {
    fc.assert(
      fc.property(amount, multiplier, multiplier, (micros, from, to) => {
        const converted = ratesOf(from, to).convert(micros, 'AAA', 'BBB')!;
        // converted ≤ micros × to / from < converted + 1, in whole numbers.
        assert.ok(converted >= 0n && converted * from <= micros * to && micros * to < (converted + 1n) * from);
      }),
      { numRuns: 5000 },
    );
  });

  test('is exact where the value is whole, and at the bounds', () => {
    assert.equal(ratesOf(ONE, 11_680_000_000n).convert(100_000n, 'AAA', 'BBB'), 1_168_000n);
    assert.equal(ratesOf(11_680_000_000n, ONE).convert(1_168_000n, 'AAA', 'BBB'), 100_000n);
    assert.equal(ratesOf(3n, ONE).convert(AMOUNT_MAX, 'AAA', 'BBB'), (AMOUNT_MAX * ONE) / 3n);
    assert.equal(ratesOf(1n, 10n ** 18n).convert(AMOUNT_MAX, 'AAA', 'BBB'), 10n ** 33n);
    assert.equal(ratesOf(10n ** 18n, 1n).convert(AMOUNT_MAX, 'AAA', 'BBB'), 0n);
  });

  test('there and back is never more than it was', () => {
    fc.assert(
      fc.property(amount, multiplier, multiplier, (micros, from, to) => {
        const rates = ratesOf(from, to);
        assert.ok(rates.convert(rates.convert(micros, 'AAA', 'BBB')!, 'BBB', 'AAA')! <= micros);
      }),
    );
  });

  test('is the same in the same currency, and null without a multiplier', () => {
    fc.assert(
      fc.property(amount, multiplier, (micros, from) => {
        assert.equal(ratesOf(from, 1n).convert(micros, 'AAA', 'AAA'), micros);
        assert.equal(ratesOf(from, 1n).convert(micros, 'AAA', 'CCC'), null);
        assert.equal(ratesOf(from, 1n).convert(micros, 'CCC', 'AAA'), null);
        assert.equal(ratesOf(from, 1n).convert(micros, 'CCC', 'CCC'), micros);
        assert.equal(NO_RATES.convert(micros, 'AAA', 'AAA'), micros);
        assert.equal(NO_RATES.convert(micros, 'AAA', 'BBB'), null);
      }),
    );
  });
});

describe('the number of a multiplier', () => {
  test('is read from a decimal of at most 15 digits, and shown as it was', () => {
    const digits = fc.bigInt({ min: 1n, max: 10n ** 15n - 1n });
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 9 }), (number, decimals) => {
        const text = `${number}e-${decimals}`;
        const read = multiplierOf(Number(text));
        assert.equal(read, number * 10n ** BigInt(9 - decimals), text);
        assert.equal(multiplierNumber(read), Number(text));
      }),
      { numRuns: 5000 },
    );
  });

  test('is the nearest one to any other number', () => {
    assert.equal(multiplierOf(1 / 3), 333_333_333n);
    assert.equal(multiplierOf(2 / 3), 666_666_667n);
    assert.equal(multiplierOf(0.1234567891), 123_456_789n);
    assert.equal(multiplierOf(12_345_678.123456789), 12_345_678_123_456_800n);
    assert.equal(multiplierOf(1.0000000001), ONE);
  });

  test('is refused if it is not positive, or none is nearer than a millionth of it', () => {
    for (const x of [0, -0, -1, NaN, Infinity, 1e-10, 1.4e-9, 0.0000123456, 1e-5 / 3])
      assert.equal(multiplierOf(x), undefined, String(x));
    assert.equal(multiplierOf(1e-9), 1n);
    assert.equal(multiplierOf(1e9), 10n ** 18n);
    assert.equal(multiplierOf(1.5e-7), 150n);
  });
});
