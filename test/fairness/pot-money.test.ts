import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { operatorPart, partsOf, restart, shareOf } from '../../src/fairness/index.ts';
import { potOf, pots, UNIT } from './pots.ts';

const micros = (max: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max });

test('whatever a pot holds, a contribution never exceeds a limit and never removes or loses money', () => {
  fc.assert(
    fc.property(pots, micros(90n * UNIT), micros(90n * UNIT), micros(300n * UNIT), (pot, value, reserve, amount) => {
      const { maxStep, maxValue, minContribution, mustDropValue } = pot.terms;
      const share = shareOf(amount, amount, pot, { value, reserve });
      assert.equal(share.value + share.reserve, amount);
      assert.ok(share.value >= 0n && share.reserve >= share.overflow && share.overflow >= 0n);
      if (share.value === 0n) return;
      assert.ok(!pot.fixed && amount >= minContribution);
      if (maxStep !== null) assert.ok(share.value <= maxStep, 'it is more than a step');
      if (maxValue !== null) assert.ok(value + share.value <= maxValue, 'it passes its cap');
      if (mustDropValue !== null) assert.ok(value + share.value <= mustDropValue, 'it passes its bound');
    }),
    { numRuns: 2000 },
  );
});

test('a start has its seed, never passes the middle to its bound, and is paid from the reserve first', () => {
  fc.assert(
    fc.property(pots, micros(200n * UNIT), micros(50n * UNIT), (pot, reserve, surplus) => {
      const { value, fromReserve, fromSurplus, deficit } = restart(pot, { reserve, surplus });
      const { maxValue, mustDropValue } = pot.terms;
      assert.equal(value, fromReserve + fromSurplus + deficit);
      assert.ok(value >= pot.seed && fromReserve <= reserve && fromSurplus <= surplus);
      assert.ok(fromReserve >= 0n && fromSurplus >= 0n && deficit >= 0n);
      if (maxValue !== null) assert.ok(value <= maxValue);
      if (mustDropValue !== null) assert.ok(2n * value <= pot.seed + mustDropValue, 'it starts past the middle');
      if (fromSurplus > 0n) assert.equal(fromReserve, reserve, 'surplus is spent while there is reserve');
      if (deficit > 0n) assert.equal(fromSurplus, surplus, 'the operator pays while there is surplus');
      if (value > pot.seed) assert.ok(pot.reseed === 'full' && fromSurplus === 0n && deficit === 0n);
    }),
    { numRuns: 2000 },
  );
});

test('a start is limited by the terms of the cycle that starts, not of the one that ends', () => {
  const terms = { mustDropValue: 100n * UNIT };
  const pot = potOf({ terms });
  assert.equal(restart(pot, { reserve: 500n * UNIT, surplus: 0n }).value, 50n * UNIT);
  assert.equal(restart({ ...pot, seed: 10n * UNIT }, { reserve: 500n * UNIT, surplus: 0n }).value, 55n * UNIT);
  const next = { ...pot.terms, mustDropValue: 10n * UNIT };
  assert.equal(restart({ ...pot, next }, { reserve: 500n * UNIT, surplus: 0n }).value, 5n * UNIT);
});

test('a reserve that collects to the seed takes its share until it holds the seed, and none afterwards', () => {
  const pot = potOf({ seedShare: UNIT / 2n, seed: 10n * UNIT });
  const share = (more: object, reserve: bigint) =>
    shareOf(8n * UNIT, 8n * UNIT, { ...pot, ...more }, { value: 0n, reserve });
  assert.deepEqual(share({}, 10n * UNIT - 1n), { value: 4n * UNIT, reserve: 4n * UNIT, overflow: 0n });
  assert.deepEqual(share({}, 10n * UNIT), { value: 8n * UNIT, reserve: 0n, overflow: 0n });
  assert.deepEqual(share({ collect: 'always' }, 99n * UNIT).reserve, 4n * UNIT);
  assert.deepEqual(share({ fixed: true }, 99n * UNIT), { value: 0n, reserve: 8n * UNIT, overflow: 0n });
});

test('what passes a cap, a bound or a step is overflow to the micro-unit', () => {
  const at = (terms: object, value: bigint) => shareOf(3n, 3n, potOf({ terms }), { value, reserve: 0n });
  const [all, some, none] = [
    { value: 3n, reserve: 0n, overflow: 0n },
    { value: 2n, reserve: 1n, overflow: 1n },
    { value: 0n, reserve: 3n, overflow: 3n },
  ];
  for (const terms of [{ maxValue: 10n }, { mustDropValue: 10n }])
    assert.deepEqual(
      [7n, 8n, 10n, 12n].map((value) => at(terms, value)),
      [all, some, none, none],
    );
  assert.deepEqual(at({ maxStep: 2n }, 7n), some);
  assert.deepEqual(at({ maxStep: 2n, maxValue: 8n }, 7n), { value: 1n, reserve: 2n, overflow: 2n });
});

test('a contribution below the smallest, or that is barred, goes to the reserve, and is no overflow', () => {
  const pot = potOf({ terms: { minContribution: 10n } });
  const none = { value: 0n, reserve: 0n };
  assert.deepEqual(shareOf(9n, 5n, pot, none), { value: 0n, reserve: 5n, overflow: 0n });
  assert.deepEqual(shareOf(10n, 5n, pot, none), { value: 5n, reserve: 0n, overflow: 0n });
  assert.deepEqual(shareOf(10n, 5n, pot, none, true), { value: 0n, reserve: 5n, overflow: 0n });
});

test('fixed shares are taken first, in the order of the pots, and fractions of what they leave', () => {
  const [half, fixed] = [
    { share: UNIT / 2n, fixedShare: 0n },
    { share: 0n, fixedShare: 3n },
  ];
  assert.deepEqual(partsOf(10n, [half, fixed, fixed]), [2n, 3n, 3n]);
  assert.deepEqual(partsOf(4n, [half, fixed, fixed]), [0n, 3n, 1n]);
  assert.deepEqual(partsOf(1n, [half, fixed, fixed]), [0n, 1n, 0n]);
});

test("what the operator pays is rounded down, and with the player's part it is the contribution", () => {
  fc.assert(
    fc.property(micros(1000n * UNIT), micros(UNIT), (amount, share) => {
      const part = operatorPart(amount, share);
      assert.ok(part >= 0n && part <= amount);
      assert.ok(part * UNIT <= amount * share && (part + 1n) * UNIT > amount * share);
    }),
  );
});
