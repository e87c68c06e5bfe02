import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { JourneyStep } from '../../../gen/ts/windfall/facts/v1/journey.ts';
import {
  action,
  advance,
  holds,
  rewardsOf,
  START,
  stepIssue,
  type Position,
} from '../../../src/engines/journey/rules.ts';
import { bindRewards, rewardKind } from '../../../src/rewards/index.ts';

const SECOND = 1_000_000;
const step = (trigger: string, more: Partial<JourneyStep> = {}): JourneyStep => ({
  trigger,
  name: trigger,
  conditions: [],
  delaySeconds: 0,
  expireSeconds: 0,
  rewards: [],
  ...more,
});
const event = (trigger: string, attributes: Record<string, unknown> = {}) => ({ trigger, attributes });
const steps = [step('a'), step('b', { delaySeconds: 10, expireSeconds: 60 }), step('c')];

describe('an event', () => {
  test('completes the current step only', () => {
    assert.equal(advance({ steps }, START, event('b'), 0), null);
    assert.deepEqual(advance({ steps }, START, event('a'), 5), { status: action.advanced, steps: 1, steppedAt: 5 });
  });

  const begun: Position = { status: action.advanced, steps: 1, steppedAt: 0 };
  const times: readonly (readonly [seconds: number, status: number | null])[] = [
    [-1, null],
    [9.999999, null],
    [10, action.advanced],
    [60, action.advanced],
    [60.000001, action.expired],
  ];
  for (const [seconds, status] of times) {
    test(`${seconds} s after the previous step is ${status === null ? 'too early' : status}`, () => {
      assert.equal(advance({ steps }, begun, event('b'), seconds * SECOND)?.status ?? null, status);
    });
  }

  test('that comes too late leaves the steps as they were, and ends the journey', () => {
    const late = advance({ steps }, begun, event('b'), 100 * SECOND)!;
    assert.deepEqual(late, { status: action.expired, steps: 1, steppedAt: 0 });
    assert.equal(advance({ steps }, late, event('b'), 20 * SECOND), null);
  });

  test('after a version with fewer steps does the last one again, without its own rewards', () => {
    const badge = {
      kind: rewardKind.item,
      asset: '',
      amount: 0n,
      item: 'badge',
      quantity: 1n,
      expiresAfterSeconds: 0n,
    };
    const shorter = { steps: [step('a'), step('b')] };
    const before: Position = { status: action.advanced, steps: 3, steppedAt: 0 };
    const after = advance(shorter, before, event('b'), 7)!;
    assert.deepEqual(after, { status: action.completed, steps: 3, steppedAt: 7 });
    const [own, end] = [bindRewards([badge], () => 0), bindRewards([{ ...badge, item: 'cup' }], () => 0)];
    assert.deepEqual(rewardsOf({ stepRewards: [[], own], endRewards: end }, before, after), end);
    const first = { ...before, steps: 1 };
    const last = advance(shorter, first, event('b'), 7)!;
    assert.deepEqual(rewardsOf({ stepRewards: [[], own], endRewards: end }, first, last), [...own, ...end]);
  });
});

test('steps never go back, and no event follows the end, whatever versions and events come', () => {
  const trigger = fc.constantFrom('a', 'b', 'c');
  const version = fc.array(
    fc.record({ trigger, delay: fc.integer({ min: 0, max: 3 }), expire: fc.integer({ min: 0, max: 6 }) }),
    { minLength: 1, maxLength: 5 },
  );
  const happening = fc.record({ trigger, after: fc.integer({ min: -2, max: 8 }), version });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      let position = START;
      let now = 0;
      let ended = false;
      const granted = new Set<number>();
      for (const { trigger: name, after, version: written } of happenings) {
        now += after * SECOND;
        const current = written.map(({ trigger: of, delay, expire }) =>
          step(of, { delaySeconds: delay, expireSeconds: expire }),
        );
        const next = advance({ steps: current }, position, event(name), now);
        if (next === null) continue;
        assert.equal(ended, false, 'it went on after its end');
        assert.ok(next.steps >= position.steps && next.steps <= position.steps + 1, 'it jumps');
        if (next.steps > position.steps) {
          assert.equal(granted.has(next.steps), false, 'a step is rewarded twice');
          granted.add(next.steps);
        }
        ended = next.status > action.advanced;
        position = next;
      }
    }),
    { numRuns: 2000 },
  );
});

test('conditions compare by type, and an absent attribute fulfils only exists with false', () => {
  const cases: readonly (readonly [op: string, value: unknown, given: unknown, holds: boolean])[] = [
    ['eq', 1, 1, true],
    ['eq', 1, '1', false],
    ['eq', true, true, true],
    ['ne', 1, '1', true],
    ['ne', 1, 1, false],
    ['ne', 1, undefined, false],
    ['gt', 1, 1, false],
    ['gt', 1, 1.5, true],
    ['gte', 1, 1, true],
    ['lt', 1, 0, true],
    ['lt', 1, 1, false],
    ['lte', 1, 1, true],
    ['lte', 1, '0', false],
    ['gte', 1, [2], false],
    ['in', ['x', 2], 2, true],
    ['in', ['x', 2], '2', false],
    ['exists', true, null, true],
    ['exists', false, null, false],
    ['exists', false, undefined, true],
    ['exists', true, undefined, false],
  ];
  for (const [op, value, given, expected] of cases) {
    const attributes = given === undefined ? {} : { x: given };
    assert.equal(holds({ attribute: 'x', op, value }, attributes), expected, `${op} ${String(value)} ${String(given)}`);
  }
  // A name that every object has is no attribute.
  assert.equal(holds({ attribute: 'constructor', op: 'exists', value: true }, {}), false);
});

test('values that an operator cannot compare with are refused', () => {
  const issue = (op: string, value: unknown): string | undefined =>
    stepIssue([step('a', { conditions: [{ attribute: 'x', op, value }] })])?.field;
  for (const [op, value] of [
    ['eq', 'a'.repeat(256)],
    ['ne', false],
    ['in', ['a', 1]],
    ['exists', true],
    ['lt', -1.5],
  ] as const)
    assert.equal(issue(op, value), undefined, op);
  for (const [op, value] of [
    ['eq', 'a'.repeat(257)],
    ['eq', null],
    ['ne', {}],
    ['in', []],
    ['in', [true]],
    ['in', 'a'],
    ['in', Array.from({ length: 101 }, (_, i) => i)],
    ['exists', 1],
    ['lt', '1'],
  ] as const)
    assert.equal(issue(op, value), 'steps[0].conditions[0].value', op);
});
