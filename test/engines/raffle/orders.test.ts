import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { RaffleDefinition } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import type { ShownRows } from '../../../src/catalogue/index.ts';
import { DRAW, raffles } from '../../../src/engines/raffle/definition.ts';
import { poolState } from '../../../src/tickets/index.ts';
import { snapshotOf } from '../../support/snapshot.ts';

const contentOf = (drawAt: bigint): RaffleDefinition => ({ pool: 3n, drawAt }) as RaffleDefinition;
const prepared = { streamName: `raffle/${'0'.repeat(32)}`, keyId: '1' };
const opened = { definitionId: 2, version: 1, versionId: 4, prepared, assetNo: () => 1 };

test('a raffle that opens orders its draw at its time, and none where it has no time', () => {
  const orders = (drawAt: bigint): unknown => raffles.opening!.open(contentOf(drawAt), opened, snapshotOf(5))[0]!.tasks;
  assert.deepEqual(orders(90n), [{ task: DRAW, id: 3, at: 90 }]);
  assert.deepEqual(orders(0n), []);
});

test('a raffle that goes on orders its draw again: a closed one at once, and one that has ended never', () => {
  const orders = (state: number): unknown => {
    const rows = { row: () => ({ state, id: 3, closedAt: 50 }) } as unknown as ShownRows;
    return raffles.ordersOf!(contentOf(90n), rows);
  };
  assert.deepEqual(orders(poolState.open), [{ task: DRAW, id: 3, at: 90 }]);
  assert.deepEqual(orders(poolState.closed), [{ task: DRAW, id: 3, at: 50 }]);
  for (const state of [poolState.completed, poolState.cancelled]) assert.deepEqual(orders(state), []);
});
