import assert from 'node:assert/strict';
import { test } from 'vitest';
import { changeDefinition } from '../../src/catalogue/index.ts';
import { definition, status, definitionVersion } from '../../src/catalogue/entities.ts';
import { lootboxes } from '../../src/engines/lootbox/definition.ts';
import { StaleVersionError } from '../../src/journal/index.ts';
import { prizeOf, tableOf } from '../prizes/table.ts';
import { snapshotOf } from '../support/snapshot.ts';

const CONTENT = tableOf({ prizes: [prizeOf('a', 1n)] });
const DUE = 500;
const HEAD = {
  status: status.active,
  version: 1,
  versionId: 3,
  latest: 2,
  scheduled: 2,
  scheduledId: 4,
  scheduledAt: DUE,
  openedAt: 1,
  createdAt: 1,
  sequence: 6,
};
const BASE = {
  version: 2n,
  versionId: 4n,
  format: 2,
  definition: Buffer.from(lootboxes.encode(CONTENT)),
  configHash: Buffer.alloc(32),
  publishedAt: 1n,
  effectiveAt: 0n,
};

/** What an order of a time comes to, by the state of the head: how many facts. */
function effect(orderedFor: number, now: number, head: Partial<typeof HEAD> = {}): number {
  const request = {
    act: 'effect' as const,
    id: 2,
    code: 'box',
    sequence: 6,
    base: BASE,
    content: CONTENT,
    desired: { content: null, status: '' as const, effectiveAt: orderedFor, touches: false },
    reason: '',
    expectedVersion: 0,
    keyed: false,
    prepared: undefined,
    assetNo: () => 1,
  };
  const snapshot = snapshotOf(now, [definition, { ...HEAD, ...head }], [definitionVersion, {}]);
  return changeDefinition(lootboxes).decide(request, snapshot).length;
}

test('a scheduled version takes effect at its time, by the order of that time', () => {
  assert.equal(effect(DUE, DUE), 1);
  assert.throws(() => effect(DUE, DUE - 1), { reason: 'UNAVAILABLE' });
  assert.equal(effect(DUE - 1, DUE), 0, 'an order of an earlier time has changed something');
  assert.equal(effect(DUE, DUE, { scheduled: 0, scheduledAt: 0 }), 0);
});

test('a change is made from the state that was read, or not at all', () => {
  assert.throws(() => effect(DUE, DUE, { sequence: 7 }), StaleVersionError);
});
