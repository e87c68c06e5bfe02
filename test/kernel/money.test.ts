import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { formatDecimal, fromNumber, MICROS_MAX, parseDecimal, toNumber } from '../../src/kernel/index.ts';

test('every amount survives being written as a decimal and read again', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -MICROS_MAX, max: MICROS_MAX }), (micros) => {
      assert.equal(parseDecimal(formatDecimal(micros)), micros);
    }),
  );
});

test('decimals are written as short as they can be', () => {
  assert.deepEqual([1_500_000_000n, 500_000n, -3_000_001n, 0n, 10n].map(formatDecimal), [
    '1500',
    '0.5',
    '-3.000001',
    '0',
    '0.00001',
  ]);
});

test("what is no decimal of six places within an account's reach is not read", () => {
  for (const text of [
    '',
    '1.',
    '.5',
    '1.0000001',
    '1e3',
    ' 1',
    '+1',
    '1,5',
    '--1',
    '9223372036854.775808',
    '99999999999999',
  ]) {
    assert.equal(parseDecimal(text), undefined, text);
  }
  assert.equal(parseDecimal('9223372036854.775807'), MICROS_MAX);
});

test('a number is taken only if its micro-units are the number again', () => {
  assert.deepEqual([0.5, 0.1, 1500, 999999.999999, -2.25].map(fromNumber), [
    500_000n,
    100_000n,
    1_500_000_000n,
    999_999_999_999n,
    -2_250_000n,
  ]);
  for (const x of [0.1 + 0.2, 1e-7, Number.NaN, Infinity, 1e300, 0.0000005])
    assert.equal(fromNumber(x), undefined, String(x));
});

test('numbers above 10⁹ go by their shortest decimal', () => {
  assert.equal(fromNumber(1234567890.5), 1_234_567_890_500_000n);
  assert.equal(fromNumber(1e12), 1_000_000_000_000_000_000n);
});

test('every amount of up to fifteen digits survives being a JSON number', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (micros) => {
      assert.equal(fromNumber(toNumber(micros)), micros);
    }),
  );
});
