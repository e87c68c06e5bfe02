import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import {
  restart,
  select,
  shareOf,
  startOf,
  type MustDrop,
  type PotRules,
  type PotState,
  type WinSelector,
} from '../../../src/engines/jackpot/rules.ts';

const UNIT = 1_000_000n;
const micros = (max: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max });
const plain: PotRules = {
  share: UNIT,
  fixedShare: 0n,
  seedShare: 0n,
  seed: 0n,
  collect: 'to_seed',
  reseed: 'full',
  fixed: false,
  maxValue: null,
  mustDrop: null,
};
const state = (more: Partial<PotState>): PotState => ({ value: 0n, reserve: 0n, surplus: 0n, triggerTo: 0n, ...more });

/**
 * Any two definitions of one pot, as an update may follow another: nothing of the second fits what the first has made.
 */
const rules: fc.Arbitrary<PotRules> = fc
  .record({
    share: fc.bigInt({ min: 1n, max: UNIT }),
    seedShare: micros(UNIT),
    seed: micros(50n * UNIT),
    collect: fc.constantFrom('to_seed', 'always'),
    reseed: fc.constantFrom('full', 'minimum'),
    fixed: fc.boolean(),
    above: fc.bigInt({ min: 1n, max: 50n * UNIT }),
    capped: fc.boolean(),
    hidden: fc.boolean(),
  })
  .map(({ above, capped, hidden, ...rest }): PotRules => ({
    ...rest,
    fixedShare: 0n,
    maxValue: capped ? rest.seed + above * 2n : null,
    mustDrop: hidden ? { kind: 'value', at: rest.seed + above } : null,
  }));

test('whatever a pot holds when its rules change, a contribution never exceeds a cap and never removes money', () => {
  const found = fc.record({ value: micros(200n * UNIT), reserve: micros(100n * UNIT), triggerTo: micros(100n * UNIT) });
  fc.assert(
    fc.property(rules, found, micros(300n * UNIT), (pot, { value, reserve, triggerTo }, amount) => {
      const share = shareOf(amount, pot, state({ value, reserve, triggerTo }));
      assert.equal(share.value + share.reserve, amount);
      assert.ok(share.value >= 0n && share.reserve >= share.overflow && share.overflow >= 0n);
      if (share.value === 0n) return;
      assert.ok(!pot.fixed);
      if (pot.maxValue !== null) assert.ok(value + share.value <= pot.maxValue);
      if (pot.mustDrop !== null)
        assert.ok(value + share.value <= triggerTo, 'it passes the bound of the cycle that it is in');
    }),
    { numRuns: 2000 },
  );
});

test('a start has its seed, never exceeds the cap, and is paid from the reserve first, by the operator last', () => {
  fc.assert(
    fc.property(rules, micros(500n * UNIT), micros(100n * UNIT), (pot, reserve, surplus) => {
      const { value, fromReserve, fromSurplus, deficit } = restart(pot, { reserve, surplus });
      assert.equal(value, fromReserve + fromSurplus + deficit);
      assert.ok(value >= pot.seed && fromReserve <= reserve && fromSurplus <= surplus);
      assert.ok(fromReserve >= 0n && fromSurplus >= 0n && deficit >= 0n);
      if (pot.maxValue !== null) assert.ok(value <= pot.maxValue);
      if (pot.mustDrop?.kind === 'value') assert.ok(value <= pot.mustDrop.at);
      if (fromSurplus > 0n) assert.equal(fromReserve, reserve, 'surplus is spent while there is reserve');
      if (deficit > 0n) assert.equal(fromSurplus, surplus, 'the operator pays while there is surplus');
      if (value > pot.seed) assert.ok(pot.reseed === 'full' && fromSurplus === 0n && deficit === 0n);
    }),
    { numRuns: 2000 },
  );
});

test('a reserve that collects to the seed takes its share until it holds the seed, and none afterwards', () => {
  const pot: PotRules = { ...plain, seedShare: UNIT / 2n, seed: 10n * UNIT };
  const below = shareOf(8n * UNIT, pot, state({ reserve: 10n * UNIT - 1n }));
  assert.deepEqual(below, { value: 4n * UNIT, reserve: 4n * UNIT, overflow: 0n });
  assert.deepEqual(shareOf(8n * UNIT, pot, state({ reserve: 10n * UNIT })), {
    value: 8n * UNIT,
    reserve: 0n,
    overflow: 0n,
  });
  assert.deepEqual(
    shareOf(8n * UNIT, { ...pot, collect: 'always' }, state({ reserve: 99n * UNIT })).reserve,
    4n * UNIT,
  );
  const fixed = shareOf(8n * UNIT, { ...pot, fixed: true }, state({ reserve: 99n * UNIT }));
  assert.deepEqual(fixed, { value: 0n, reserve: 8n * UNIT, overflow: 0n });
});

test('what passes a cap is overflow to the micro-unit', () => {
  const at = (value: bigint) => shareOf(3n, { ...plain, maxValue: 10n }, state({ value }));
  assert.deepEqual([7n, 8n, 10n, 12n].map(at), [
    { value: 3n, reserve: 0n, overflow: 0n },
    { value: 2n, reserve: 1n, overflow: 1n },
    { value: 0n, reserve: 3n, overflow: 3n },
    { value: 0n, reserve: 3n, overflow: 3n },
  ]);
  const drops = { ...plain, mustDrop: { kind: 'value', at: 99n } } as const;
  assert.deepEqual(shareOf(3n, drops, state({ value: 8n, triggerTo: 10n })), { value: 2n, reserve: 1n, overflow: 1n });
});

const before = { lowest: (a: bigint, b: bigint) => a < b, highest: (a: bigint, b: bigint) => a > b };

test('a selector pays one of the pots that are won: none before it is as good, and none is better', () => {
  const pots = fc.array(
    micros(5n).map((value) => ({ value })),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(pots, (won) => {
      assert.deepEqual(select('all', won), won);
      assert.deepEqual(select('first', won), [won[0]]);
      for (const selector of ['lowest', 'highest'] as const satisfies WinSelector[]) {
        const [chosen, ...more] = select(selector, won);
        const place = won.indexOf(chosen!);
        assert.equal(more.length, 0);
        assert.ok(won.every(({ value }) => !before[selector](value, chosen!.value)));
        assert.ok(won.slice(0, place).every(({ value }) => value !== chosen!.value));
      }
    }),
  );
});

test('a hidden trigger is between the start and the end of its cycle, which is when the cycle is due', () => {
  const now = fc.integer({ min: 1, max: 2 ** 51 });
  fc.assert(
    fc.property(now, fc.integer({ min: 1, max: 31_536_000 }), micros(UNIT), (at, seconds, value) => {
      const start = startOf({ kind: 'time', seconds } satisfies MustDrop, value, at);
      assert.equal(start.value, value);
      assert.equal(start.triggerTo - start.triggerFrom, BigInt(seconds * 1000));
      assert.ok(start.triggerFrom <= BigInt(at) / 1000n && start.dueAt === Number(start.triggerTo) * 1000);
      // Within the millisecond in which it began.
      assert.ok(at + seconds * 1_000_000 - start.dueAt < 1000 && start.dueAt <= at + seconds * 1_000_000);
      const { triggerFrom, triggerTo, dueAt } = startOf({ kind: 'value', at: value + 1n }, value, at);
      assert.deepEqual([triggerFrom, triggerTo, dueAt], [value, value + 1n, 0]);
    }),
  );
});
