import assert from 'node:assert/strict';
import { test } from 'vitest';
import { PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { bindPot, inPhase, phaseOf } from '../../../src/engines/jackpot/bound.ts';
import { openingValue, restartOf, startOf, startsAfter } from '../../../src/engines/jackpot/rules.ts';
import { endowment } from '../../../src/engines/jackpot/transferred.ts';

const defined = (more: Partial<PotDefinitionV2> = {}): PotDefinitionV2 =>
  PotDefinitionV2.fromPartial({ pot: 1n, code: 'main', share: 1_000_000n, ...more });
const potOf = (more: Partial<PotDefinitionV2> = {}) => bindPot(defined(more));

test('a pot is in its last cycle with its last start, and after it with one more', () => {
  const phases = (maxStarts: number): number[] => [1, 2, 3].map((starts) => phaseOf({ maxStarts }, starts));
  assert.deepEqual(phases(2), [0, 1, 2]);
  assert.deepEqual(phases(0), [0, 0, 0]);
  assert.equal(startsAfter(potOf({ maxStarts: 2 }), { starts: 1 }), 2);
  assert.equal(startsAfter(potOf(), { starts: 0 }), 0);
});

test('a cycle is due after its seconds, to the microsecond, but none that follows the last', () => {
  const timed = potOf({ mustDropSeconds: 60n, maxStarts: 2 });
  const due = [1, 2, 3].map((starts) => startOf(timed, 5n, starts, 7, 1_000_001).dueAt);
  assert.deepEqual(due, [61_000_001n, 61_000_001n, 0n]);
  const hidden = startOf(potOf({ mustDropSeconds: 60n, mustDropHidden: true }), 5n, 0, 7, 1_000_001);
  // The first whole millisecond that has not begun.
  assert.deepEqual([hidden.hiddenFrom, hidden.dueAt, hidden.termsFrom, hidden.value], [1001n, 61_000_001n, 7n, 5n]);
  assert.equal(startOf(potOf(), 5n, 0, 7, 1_000_001).dueAt, 0n);
});

test('a pot opens with its initial value, but not above its cap, nor halfway to its bound', () => {
  const opens = (more: Partial<PotDefinitionV2>) => openingValue(defined({ initialValue: 500n, ...more }));
  assert.equal(opens({}), 500n);
  assert.equal(opens({ maxValue: 300n }), 300n);
  assert.equal(opens({ maxValue: 600n }), 500n);
  assert.equal(opens({ seed: 100n, mustDropValue: 300n }), 200n);
  assert.equal(opens({ seed: 100n, mustDropValue: 300n, maxValue: 150n }), 150n);
});

test('in its last cycle a pot keeps nothing for another one, and after it takes no part of contributions', () => {
  const { config } = potOf({ seed: 10n, seedShare: 100_000n });
  const parts = ([0, 1, 2] as const).map((phase) => {
    const { seed, seedShare, share } = inPhase(config, phase);
    return [seed, seedShare, share];
  });
  assert.deepEqual(parts, [
    [10n, 100_000n, 1_000_000n],
    [0n, 0n, 1_000_000n],
    [0n, 0n, 0n],
  ]);
});

test('a pot whose last cycle is won starts with nothing, and keeps its reserve', () => {
  const pot = potOf({ seed: 10n, maxStarts: 2 });
  const none = { value: 0n, fromReserve: 0n, fromSurplus: 0n, deficit: 0n };
  assert.deepEqual(restartOf(pot, { starts: 2, surplus: 3n }, 4n), none);
  const first = { value: 10n, fromReserve: 4n, fromSurplus: 3n, deficit: 3n };
  assert.deepEqual(restartOf(pot, { starts: 1, surplus: 3n }, 4n), first);
});

test('what a pot gets goes to its value as far as that may grow, the rest to its reserve', () => {
  const given = { value: 100n, reserve: 5n, surplus: 3n };
  const got = (more: Partial<PotDefinitionV2>, value: bigint, starts = 0) =>
    Object.values(endowment(potOf(more), { value, starts, terms: '' }, given));
  assert.deepEqual(got({}, 50n), [100n, 5n, 3n]);
  assert.deepEqual(got({ maxValue: 120n }, 50n), [70n, 35n, 3n]);
  assert.deepEqual(got({ maxValue: 40n }, 50n), [0n, 105n, 3n]);
  assert.deepEqual(got({ seed: 10n, mustDropValue: 110n }, 50n), [10n, 95n, 3n]);
  assert.deepEqual(got({ fixed: true }, 50n), [0n, 105n, 3n]);
  assert.deepEqual(got({ maxStarts: 1 }, 50n, 1), [100n, 5n, 3n]);
  assert.deepEqual(got({ maxStarts: 1 }, 0n, 2), [0n, 105n, 3n]);
});
