import assert from 'node:assert/strict';

import fc from 'fast-check';

import { test } from 'vitest';
import { expectedValue, oddsOf, type Prize, type PrizeTable } from '../../src/prizes/index.ts';

const unit = 1_000_000n;
const prizeOf = (weight: number, amount = unit, asset = 'WINZ'): Prize => {
  return { label: '', asset, amount, weight };
};
const tableOf = (...prizes: Prize[]): PrizeTable => ({ guaranteed: [], prizes, rolls: 1 });
const weighing = (list: readonly number[]): PrizeTable => tableOf(...list.map((weight) => prizeOf(weight)));
const weights = fc.array(fc.integer({ min: 1, max: 2 ** 45 }), { minLength: 1, maxLength: 200 });

test('odds are reduced fractions beside the nearest double', () => {
  const odds = oddsOf(tableOf(prizeOf(100), prizeOf(700), prizeOf(1_200)));
  assert.deepEqual(
    odds.map(({ fraction }) => fraction),
    ['1/20', '7/20', '3/5'],
  );
  assert.deepEqual(
    odds.map(({ probability }) => probability),
    [0.05, 0.35, 0.6],
  );
  assert.deepEqual(oddsOf(tableOf(prizeOf(9))), [{ fraction: '1/1', probability: 1 }]);
  assert.deepEqual(oddsOf(tableOf()), []);
});

test('odds sum to exactly 1', () => {
  fc.assert(
    fc.property(weights, (list) => {
      const total = list.reduce((sum, weight) => sum + BigInt(weight), 0n);
      const sum = oddsOf(weighing(list)).reduce((all, { fraction }) => {
        const [over, under] = fraction.split('/').map(BigInt);
        assert.equal((over! * total) % under!, 0n);
        return all + (over! * total) / under!;
      }, 0n);
      assert.equal(sum, total);
    }),
  );
});

test('fractions have no common divisor', () => {
  const divisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : divisor(b, a % b));
  fc.assert(
    fc.property(weights, (list) => {
      for (const { fraction } of oddsOf(weighing(list))) {
        const [over, under] = fraction.split('/').map(BigInt);
        assert.equal(divisor(over!, under!), 1n);
      }
    }),
  );
});

test('more weight never means worse odds', () => {
  fc.assert(
    fc.property(weights, fc.nat(), fc.integer({ min: 1, max: 1_000 }), (list, choice, gain) => {
      const at = choice % list.length;
      const heavier = list.with(at, list[at]! + gain);
      assert.ok(oddsOf(weighing(heavier))[at]!.probability >= oddsOf(weighing(list))[at]!.probability);
    }),
  );
});

test('the expected value is exact per asset, rounded down once', () => {
  const table: PrizeTable = {
    guaranteed: [{ label: 'gift', asset: 'GEMS', amount: 5n * unit }],
    prizes: [prizeOf(1, 10n * unit), prizeOf(1, 1n), prizeOf(1, 2n * unit, 'GEMS')],
    rolls: 2,
  };
  const expected = new Map([
    ['GEMS', 5n * unit + (4n * unit) / 3n],
    ['WINZ', (20n * unit + 2n) / 3n],
  ]);
  assert.deepEqual(expectedValue(table), expected);
  assert.deepEqual(expectedValue({ ...table, prizes: [] }), new Map([['GEMS', 5n * unit]]));
});

test('the expected value is between the smallest and the largest prize', () => {
  const prize = fc.tuple(fc.integer({ min: 1, max: 2 ** 40 }), fc.bigInt(0n, 2n ** 63n - 1n));
  const prizes = fc.array(prize, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(prizes, (list) => {
      const table = tableOf(...list.map(([weight, amount]) => prizeOf(weight, amount)));
      const value = expectedValue(table).get('WINZ')!;
      const amounts = list.map(([, amount]) => amount).sort((a, b) => (a < b ? -1 : 1));
      assert.ok(amounts[0]! <= value && value <= amounts.at(-1)!);
    }),
  );
});
