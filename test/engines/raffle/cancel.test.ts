import assert from 'node:assert/strict';
import { test } from 'vitest';
import { cancelRaffle, refundTask } from '../../../src/engines/raffle/operations/cancel-raffle.ts';
import type { ApiError } from '../../../src/kernel/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import type { Context } from '../../../src/rpc/index.ts';
import type { Page } from '../../../src/settlements/index.ts';
import { poolState, ticketPool } from '../../../src/tickets/index.ts';
import { snapshotOf } from '../../support/snapshot.ts';

const { command } = cancelRaffle.work({ requestHash: () => () => '' } as unknown as Platform)({} as Context);
const DAY = 86_400_000_000;
const CLOSED = 5;

/** Cancels a raffle; returns the reason why it must not be, or null. */
function cancel(state: number, now: number): string | null {
  const raffle = { pool: 3, code: 'summer', definitionId: 2 };
  const pool = { state, entries: 1, closedAt: CLOSED, definitionId: 2 };
  try {
    assert.equal(command.decide({ raffle }, snapshotOf(now, [ticketPool, pool])).length, 2);
    return null;
  } catch (error) {
    return (error as ApiError).reason;
  }
}

test('a closed pool is cancelled once its draw is stuck for 24 hours, and one that has ended never', () => {
  assert.equal(cancel(poolState.open, CLOSED), null);
  assert.equal(cancel(poolState.closed, CLOSED + DAY - 1), 'RAFFLE_ENDED');
  assert.equal(cancel(poolState.closed, CLOSED + DAY), null);
  for (const state of [poolState.completed, poolState.cancelled]) assert.equal(cancel(state, DAY * 9), 'RAFFLE_ENDED');
});

test('a purchase gives back what was paid and its free units, and the next page begins after it', async () => {
  const entry = { firstTicket: 4, player: 7, free: 2, freeAsset: 5, paid: 30n, paidAsset: 1 };
  const read = [[{ id: 3, position: 0, finishedAt: 0 }], [entry, { ...entry, free: 0, firstTicket: 9 }]];
  const pages: Page[] = [];
  const platform = {
    reads: async () => read.shift() ?? [{ finishedAt: 1 }],
    journal: { run: async (_: unknown, page: Page) => pages.push(page) },
  } as unknown as Platform;
  await refundTask.begin(platform, 1, 3);
  assert.deepEqual(pages[0]!.payees, [
    {
      player: 7,
      position: 5,
      amounts: [
        { asset: 5, amount: 2_000_000n },
        { asset: 1, amount: 30n },
      ],
    },
    { player: 7, position: 10, amounts: [{ asset: 1, amount: 30n }] },
  ]);
});
