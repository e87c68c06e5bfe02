import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import {
  eligible,
  latest,
  looksAt,
  ranked,
  sharesOf,
  sizesOf,
  strategy,
  sumOf,
  type Standing,
} from '../../../src/engines/jackpot/community/rules.ts';

const ONE = 1_000_000n;
const RUNS = { numRuns: 300 };

const player = fc.integer({ min: 1, max: 12 });
const list = fc.record({
  percentage: fc.bigInt({ min: 1n, max: 333_333n }),
  count: fc.integer({ min: 1, max: 6 }),
  players: fc
    .uniqueArray(player, { maxLength: 7 })
    .map((all) => all.map((one) => ({ player: BigInt(one), country: 'MT' }))),
});

test('shares are equal parts of their percentage, to the last unit; the winner has none, and gets the rest', () => {
  const value = fc.bigInt({ min: 1n, max: 9_000_000_000_000_000_000n });
  fc.assert(
    fc.property(value, fc.array(list, { maxLength: 3 }), player, (won, lists, winner) => {
      const shares = sharesOf(won, lists, winner);
      assert.ok(shares.every((one) => one.player !== winner && one.amount > 0n));
      assert.ok(won - sumOf(shares) > 0n);
      let next = 0;
      for (const { percentage, count, players } of lists) {
        const others = players.filter((one) => one.player !== BigInt(winner)).slice(0, count);
        const part = (won * percentage) / ONE;
        const each = others.length === 0 ? 0n : part / BigInt(others.length);
        const own = each === 0n ? [] : shares.slice(next, (next += others.length));
        assert.deepEqual(
          own.map((one) => [BigInt(one.player), one.amount]),
          each === 0n ? [] : others.map((one) => [one.player, each]),
        );
        // What cannot be divided is less than a unit for each.
        assert.ok(others.length === 0 || part - sumOf(own) < BigInt(others.length) || each === 0n);
      }
      assert.equal(next, shares.length);
    }),
    RUNS,
  );
});

const contribution = fc.record({ player, amount: fc.bigInt({ min: 1n, max: 4n }) });

test('a list of the highest players has those of all, in the order in which they have reached their sums', () => {
  fc.assert(
    fc.property(fc.array(contribution, { maxLength: 80 }), fc.integer({ min: 1, max: 5 }), (all, size) => {
      const sums = new Map<number, { readonly sum: bigint; readonly reached: number }>();
      let kept: Standing[] = [];
      all.forEach(({ player: of, amount }, reached) => {
        const sum = (sums.get(of)?.sum ?? 0n) + amount;
        sums.set(of, { sum, reached });
        kept = ranked(kept, { player: of, country: '', value: sum, isOut: false }, size);
        assert.ok(kept.length <= size);
      });
      const sorted = [...sums].toSorted(([, a], [, b]) => Number(b.sum - a.sum) || a.reached - b.reached);
      assert.deepEqual(
        kept.map((one) => [one.player, one.value]),
        sorted.slice(0, size).map(([of, { sum }]) => [of, sum]),
      );
    }),
    RUNS,
  );
});

test('a list of active players has the last ones of all, each once', () => {
  fc.assert(
    fc.property(fc.array(player, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (all, size) => {
      let kept: Standing[] = [];
      all.forEach(
        (of, at) => (kept = latest(kept, { player: of, country: '', value: BigInt(at), isOut: false }, size)),
      );
      const last = [...new Set(all.toReversed())].slice(0, size);
      assert.deepEqual(
        kept.map((one) => one.player),
        last,
      );
    }),
    RUNS,
  );
});

const NOW = 10_000_000;
const standing = fc.record({
  player: fc.nat(),
  country: fc.constantFrom('MT', 'UK'),
  value: fc.bigInt({ min: BigInt(NOW) - 3_000_000n, max: BigInt(NOW) }),
  isOut: fc.boolean(),
});
const by = fc.constantFrom(strategy.active, strategy.lifetime, strategy.perWin);

test('of the first players those are eligible who are in, from a country that takes part, and active in time', () => {
  fc.assert(
    fc.property(fc.array(standing), by, fc.integer({ min: 1, max: 4 }), (all, way, count) => {
      const payout = { percentage: 1n, strategy: way, count, windowMs: way === strategy.active ? 1000n : 0n };
      const found = eligible(all, payout, (country) => country === 'MT', NOW);
      const looked = all.slice(0, 2 * count + 1);
      const isIn = (one: Standing): boolean => !one.isOut && one.country === 'MT';
      const isActive = (one: Standing): boolean => way !== strategy.active || one.value >= BigInt(NOW) - 1_000_000n;
      const expected = looked.filter((one) => isIn(one) && isActive(one));
      // One more than the count: the winner may be among them.
      assert.deepEqual(found, expected.slice(0, count + 1));
    }),
    RUNS,
  );
});

test('a player is active to the last microsecond of the window', () => {
  const payout = { percentage: 1n, strategy: strategy.active, count: 2, windowMs: 1000n };
  const at = (value: bigint): Standing => ({ player: Number(value), country: 'MT', value, isOut: false });
  const found = eligible([at(9_000_000n), at(8_999_999n)], payout, () => true, NOW);
  assert.deepEqual(found, [at(9_000_000n)]);
});

test('lists are as long as the payouts of all pots need', () => {
  const of = (way: number, count: number) => ({ percentage: 1n, strategy: way, count, windowMs: 0n });
  assert.equal(sizesOf([[], []]), undefined);
  assert.deepEqual(sizesOf([[of(1, 3)], [of(1, 5), of(2, 1)]]), { active: looksAt(5), lifetime: 3, perWin: [] });
  assert.deepEqual(sizesOf([[], [of(3, 2)]]), { active: 0, lifetime: 0, perWin: [0, 5] });
});
