import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Version } from '../../src/catalogue/change.ts';
import { status } from '../../src/catalogue/entities.ts';
import {
  planChange,
  planCreate,
  planEffect,
  type DesiredState,
  type Head,
  type Plan,
} from '../../src/catalogue/plan.ts';
import { lootboxes } from '../../src/engines/lootbox/definition.ts';
import { ApiError } from '../../src/kernel/index.ts';

const NOW = 1_800_000_000_000_000;
const HOUR = 3_600_000_000;
const content = (versionId: number): NonNullable<DesiredState['content']> => ({
  versionId: BigInt(versionId),
  format: 1,
  definition: Buffer.from([versionId % 256]),
  configHash: Buffer.alloc(0),
});
const desired = (more: Partial<DesiredState>): DesiredState => ({
  content: null,
  status: '',
  effectiveAt: 0,
  touches: false,
  ...more,
});

interface Step extends Pick<DesiredState, 'status'> {
  readonly act: 'change' | 'effect';
  readonly next: boolean;
  readonly laterBy: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    act: fc.constantFrom('change' as const, 'change' as const, 'effect' as const),
    status: fc.constantFrom('' as const, '' as const, 'active' as const, 'paused' as const, 'archived' as const),
    next: fc.boolean(),
    laterBy: fc.constantFrom(0, 0, 0, HOUR),
  }),
  { maxLength: 30 },
);

/** Runs steps one after another as the commands do, and looks at each plan. */
function run(first: DesiredState, rest: readonly Step[], look: (before: Head, plan: Plan, step: Step) => void): void {
  let now = NOW;
  const versions = new Map<number, Version>();
  const created = planCreate(first, now);
  versions.set(Number(created.version.versionId), created.version);
  let head = created.head;
  rest.forEach((step, i) => {
    now += HOUR / 4;
    try {
      const plan =
        step.act === 'effect'
          ? effect(head, versions, now)
          : planChange(
              lootboxes,
              'box',
              head,
              versions.get(head.versionId)!,
              desired({
                status: step.status,
                content: step.next ? content(i + 2) : null,
                touches: step.next,
                effectiveAt: step.laterBy && now + step.laterBy,
              }),
              now,
            );
      if (plan === null) return;
      look(head, plan, step);
      versions.set(Number(plan.version.versionId), plan.version);
      head = plan.head;
    } catch (thrown) {
      assert.ok(thrown instanceof ApiError, String(thrown));
    }
  });
}

function effect(head: Head, versions: ReadonlyMap<number, Version>, now: number): Plan | null {
  if (head.scheduled === 0 || head.scheduledAt > now) return null;
  return planEffect(head, versions.get(head.scheduledId)!, now);
}

const firsts = fc.constantFrom(
  desired({ content: content(1) }),
  desired({ content: content(1), status: 'draft' }),
  desired({ content: content(1), effectiveAt: NOW + HOUR }),
);
const law = (look: (before: Head, plan: Plan, step: Step) => void): void =>
  fc.assert(
    fc.property(firsts, steps, (first, rest) => run(first, rest, look)),
    { numRuns: 2000 },
  );

describe('for any sequence of changes', () => {
  test('versions count up one by one, and none is in force that was not written', () =>
    law((before, { head, version }) => {
      assert.ok(head.latest === before.latest || head.latest === before.latest + 1);
      assert.ok(head.version >= 1 && head.version <= head.latest && head.scheduled <= head.latest);
      if (head.latest > before.latest) assert.equal(Number(version.version), head.latest);
    }));

  test('a definition opens once, when it becomes active for the first time', () => {
    fc.assert(
      fc.property(firsts, steps, (first, rest) => {
        let opened = planCreate(first, NOW).opens ? 1 : 0;
        run(first, rest, (before, plan) => {
          if (plan.opens) opened += 1;
          assert.equal(plan.opens, before.openedAt === 0 && plan.head.status === status.active);
          assert.equal(plan.head.openedAt > 0, opened > 0);
          assert.ok(opened <= 1);
        });
      }),
      { numRuns: 2000 },
    );
  });

  test('nothing is revived, resumed or paused but on purpose', () =>
    law((before, { head, change }, step) => {
      if (before.status === status.archived && head.status !== status.archived) assert.equal(step.status, 'active');
      if (before.status === status.paused && head.status === status.active) assert.equal(step.status, 'active');
      if (head.status === status.paused && before.status !== status.paused) assert.equal(step.status, 'paused');
      if (before.status === status.draft && head.status === status.active)
        assert.ok(step.status === 'active' || change === 'effective');
    }));

  test('what is unchanged is the same', () =>
    law((before, { change, head }) => {
      if (change === 'unchanged') assert.deepEqual(head, before);
    }));

  test('a version that is in force says since when, and one that is not says nothing', () =>
    law((_, { head, version }) => {
      const inForce = head.status !== status.draft && Number(version.version) === head.version && head.openedAt > 0;
      if (Number(version.version) === head.scheduled) assert.equal(version.effectiveAt, 0n);
      else if (inForce) assert.ok(version.effectiveAt > 0n);
    }));

  test('an archived definition has nothing scheduled', () =>
    law((_, { head }) => {
      if (head.status === status.archived)
        assert.deepEqual([head.scheduled, head.scheduledId, head.scheduledAt], [0, 0, 0]);
    }));
});

test('an update withdraws what is scheduled, also with the content that there is', () => {
  const { head, version } = planCreate(desired({ content: content(1) }), NOW);
  const later = planChange(
    lootboxes,
    'box',
    head,
    version,
    desired({ content: content(2), effectiveAt: NOW + 1 }),
    NOW,
  );
  assert.equal(later.head.scheduled, 2);
  const change = (touches: boolean): Plan =>
    planChange(lootboxes, 'box', later.head, version, desired({ touches }), NOW);
  assert.deepEqual([change(true).change, change(true).head.scheduled], ['updated', 0]);
  assert.deepEqual([change(false).change, change(false).head.scheduled], ['unchanged', 2]);
});

test('a scheduled version that takes effect leaves what is paused paused, and opens what has never been active', () => {
  const opened = planCreate(desired({ content: content(1) }), NOW).head;
  const { version } = planCreate(desired({ content: content(2) }), NOW);
  const scheduled = { scheduled: 2, scheduledId: 2, scheduledAt: NOW };
  const paused = planEffect({ ...opened, ...scheduled, status: status.paused }, version, NOW);
  assert.deepEqual([paused.head.status, paused.opens], [status.paused, false]);
  const draft = planEffect({ ...opened, ...scheduled, status: status.draft, openedAt: 0 }, version, NOW);
  assert.deepEqual([draft.head.status, draft.opens], [status.active, true]);
});

describe('refused are', () => {
  const active = planCreate(desired({ content: content(1) }), NOW);
  const reasonOf = (work: () => unknown): string => {
    try {
      work();
    } catch (thrown) {
      return (thrown as ApiError).reason;
    }
    return 'nothing';
  };
  const changed = (head: Head, more: Partial<DesiredState>): string =>
    reasonOf(() => planChange(lootboxes, 'box', head, active.version, desired(more), NOW));

  test('a change of what is archived, and the pausing of a draft', () => {
    assert.equal(changed({ ...active.head, status: status.archived }, { content: content(2) }), 'LOOTBOX_NOT_ACTIVE');
    assert.equal(changed({ ...active.head, status: status.draft }, { status: 'paused' }), 'LOOTBOX_NOT_ACTIVE');
  });

  test('a time without a change, with a status, or too far ahead', () => {
    const later = { effectiveAt: NOW + HOUR };
    assert.equal(changed(active.head, later), 'INVALID_ARGUMENT');
    assert.equal(changed(active.head, { ...later, content: content(2), status: 'paused' }), 'INVALID_ARGUMENT');
    assert.equal(changed(active.head, { content: content(2), effectiveAt: NOW + 100_000 * HOUR }), 'INVALID_ARGUMENT');
    assert.equal(
      reasonOf(() => planCreate(desired({ content: content(1), status: 'active', ...later }), NOW)),
      'INVALID_ARGUMENT',
    );
  });
});
