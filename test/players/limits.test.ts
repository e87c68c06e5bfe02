import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { PlayerLimits } from '../../gen/ts/windfall/facts/v1/player.ts';
import { ApiError, MICROS_MAX } from '../../src/kernel/index.ts';
import {
  changeLimits,
  checkLimits,
  countUses,
  inForce,
  limitKind,
  limitPeriod,
  LOOSENING,
  periodOf,
  usedOf,
  type LimitChange,
} from '../../src/players/limits.ts';

const at = (text: string): number => Date.parse(text) * 1000;
const NOW = at('2026-11-21T10:00:00Z');
const spend = (amount: bigint | undefined, asset = 1): LimitChange => ({ kind: 'spend', asset, period: 'day', amount });
const use = (amount: bigint, asset = 1) => [{ kind: limitKind.spend, asset: BigInt(asset), amount }];
const none: PlayerLimits = { limits: [] };
const amountAt = ({ limits }: PlayerLimits, now: number): (bigint | undefined)[] =>
  limits.map((limit) => inForce(limit, now));

test('periods begin at midnight UTC, weeks on Monday, months on their first day', () => {
  const shown = (period: number, time: string): string[] =>
    periodOf(period, at(time)).map((micros) => new Date(micros / 1000).toISOString().slice(0, 16));
  const { day, week, month } = limitPeriod;
  assert.deepEqual(shown(day, '2026-11-21T23:59:59.999Z'), ['2026-11-21T00:00', '2026-11-22T00:00']);
  assert.deepEqual(shown(day, '2026-11-22T00:00:00Z'), ['2026-11-22T00:00', '2026-11-23T00:00']);
  // 2026-11-23 is a Monday.
  assert.deepEqual(shown(week, '2026-11-22T23:59:59Z'), ['2026-11-16T00:00', '2026-11-23T00:00']);
  assert.deepEqual(shown(week, '2026-11-23T00:00:00Z'), ['2026-11-23T00:00', '2026-11-30T00:00']);
  assert.deepEqual(shown(month, '2028-02-29T12:00:00Z'), ['2028-02-01T00:00', '2028-03-01T00:00']);
  assert.deepEqual(shown(month, '2026-12-31T23:59:59Z'), ['2026-12-01T00:00', '2027-01-01T00:00']);
});

test('what is used is counted up to the largest amount', () => {
  const counted = [1n, 5n].reduce(
    (limits, more) => countUses(limits, use(more), NOW),
    countUses(changeLimits(none, [spend(MICROS_MAX)], NOW), use(MICROS_MAX - 1n), NOW),
  );
  assert.deepEqual(
    counted.limits.map((limit) => usedOf(limit, NOW)),
    [MICROS_MAX],
  );
});

describe('a limit', () => {
  test('allows what it says, to the micro-unit, and names what is left', () => {
    const limits = countUses(changeLimits(none, [spend(100n)], NOW), use(60n), NOW);
    checkLimits(limits, use(40n), NOW);
    assert.throws(
      () => checkLimits(limits, use(41n), NOW),
      (error) => {
        assert.ok(error instanceof ApiError);
        assert.equal(error.reason, 'LIMIT_REACHED');
        assert.deepEqual(error.details, {
          kind: 'spend',
          period: 'day',
          limit: '0.0001',
          used: '0.00006',
          requested: '0.000041',
          reset_time: '2026-11-22T00:00:00.000Z',
        });
        return true;
      },
    );
    checkLimits(limits, use(1000n, 2), NOW);
    checkLimits(limits, [{ kind: limitKind.opens, asset: 0n, amount: 1000n }], NOW);
  });

  test('counts uses of one call together', () => {
    const limits = changeLimits(none, [spend(100n)], NOW);
    assert.throws(() => checkLimits(limits, [...use(60n), ...use(41n)], NOW), { reason: 'LIMIT_REACHED' });
  });

  test('is not given anew by a clock that is set back over midnight', () => {
    const before = at('2026-11-21T23:59:59Z');
    const after = at('2026-11-22T00:00:01Z');
    const counted = countUses(countUses(changeLimits(none, [spend(100n)], NOW), use(100n), before), use(70n), after);
    assert.equal(usedOf(counted.limits[0]!, before), 70n);
    const again = countUses(counted, use(30n), before);
    assert.throws(() => checkLimits(again, use(1n), after), { reason: 'LIMIT_REACHED' });
  });

  test('begins anew with each period', () => {
    const limits = countUses(changeLimits(none, [spend(100n)], NOW), use(100n), NOW);
    assert.equal(usedOf(limits.limits[0]!, NOW), 100n);
    const next = at('2026-11-22T00:00:00Z');
    assert.equal(usedOf(limits.limits[0]!, next), 0n);
    checkLimits(limits, use(100n), next);
    assert.equal(usedOf(countUses(limits, use(30n), next).limits[0]!, next), 30n);
  });

  test('is tightened at once, and keeps what is used', () => {
    const before = countUses(changeLimits(none, [spend(100n)], NOW), use(60n), NOW);
    const after = changeLimits(before, [spend(50n)], NOW);
    assert.deepEqual(amountAt(after, NOW), [50n]);
    assert.throws(() => checkLimits(after, use(1n), NOW));
    assert.deepEqual(amountAt(changeLimits(before, [spend(0n)], NOW), NOW), [0n]);
  });

  for (const [name, looser] of [
    ['raised', 200n],
    ['ended', undefined],
  ] as const) {
    test(`is ${name} after 24 hours, not before`, () => {
      const before = changeLimits(none, [spend(100n)], NOW);
      const after = changeLimits(before, [spend(looser)], NOW);
      assert.deepEqual(amountAt(after, NOW + LOOSENING - 1), [100n]);
      assert.deepEqual(amountAt(after, NOW + LOOSENING), [looser]);
      assert.throws(() => checkLimits(after, use(101n), NOW + LOOSENING - 1));
      checkLimits(after, use(101n), NOW + LOOSENING);
    });
  }

  test('that is loosened again waits anew, but asking for the same does not put it off', () => {
    const hour = 3_600_000_000;
    const once = changeLimits(changeLimits(none, [spend(100n)], NOW), [spend(200n)], NOW);
    const same = changeLimits(once, [spend(200n)], NOW + hour);
    assert.deepEqual(amountAt(same, NOW + LOOSENING), [200n]);
    const other = changeLimits(once, [spend(300n)], NOW + hour);
    assert.deepEqual(amountAt(other, NOW + LOOSENING), [100n]);
    assert.deepEqual(amountAt(other, NOW + LOOSENING + hour), [300n]);
  });

  test('that is tightened drops a loosening that was pending', () => {
    const pending = changeLimits(changeLimits(none, [spend(100n)], NOW), [spend(undefined)], NOW);
    const tightened = changeLimits(pending, [spend(90n)], NOW);
    assert.deepEqual(amountAt(tightened, NOW + 2 * LOOSENING), [90n]);
  });

  test('that is over is forgotten, and a new one is in force at once', () => {
    const ended = changeLimits(changeLimits(none, [spend(100n)], NOW), [spend(undefined)], NOW);
    const later = NOW + LOOSENING;
    assert.deepEqual(changeLimits(ended, [spend(undefined, 2)], later), none);
    assert.deepEqual(amountAt(changeLimits(ended, [spend(500n)], later), later), [500n]);
  });
});

test('a player has at most 100 limits', () => {
  const many = Array.from({ length: 100 }, (_, asset) => spend(1n, asset));
  const limits = changeLimits(none, many, NOW);
  assert.equal(limits.limits.length, 100);
  assert.throws(() => changeLimits(limits, [spend(1n, 100)], NOW), { reason: 'INVALID_ARGUMENT' });
  assert.equal(changeLimits(limits, [spend(0n, 99)], NOW).limits.length, 100);
});
