import assert from 'node:assert/strict';
import { test } from 'vitest';
import { definition, status } from '../../../src/catalogue/entities.ts';
import { enterRaffle } from '../../../src/engines/raffle/operations/enter-raffle.ts';
import type { ApiError } from '../../../src/kernel/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import { guard } from '../../../src/players/index.ts';
import type { Context } from '../../../src/rpc/index.ts';
import { poolState, ticketPool } from '../../../src/tickets/index.ts';
import { snapshotOf } from '../../support/snapshot.ts';

const { command } = enterRaffle.work({ requestHash: () => () => '' } as unknown as Platform)({} as Context);

/** Whether tickets are sold at a time. The player is excluded, which is looked at next. */
function isSold(now: number, times: { salesStart?: bigint; salesEnd?: bigint; drawAt?: bigint }): boolean {
  const content = { salesStart: 0n, salesEnd: 0n, drawAt: 0n, ticketCost: 0n, ...times };
  const raffle = { pool: 3, code: 'summer', version: 1, definitionId: 2, freeAsset: null, asset: 1, content };
  const snapshot = snapshotOf(
    now,
    [definition, { status: status.active, version: 1 }],
    [ticketPool, { state: poolState.open }],
    [guard, { excludedUntil: now + 1, limits: '' }],
  );
  try {
    command.decide({ raffle, player: 7, count: 1, entry: 11 }, snapshot);
  } catch (error) {
    const { reason } = error as ApiError;
    assert.match(reason, /^(RAFFLE_CLOSED|PLAYER_EXCLUDED)$/);
    return reason === 'PLAYER_EXCLUDED';
  }
  return assert.fail('an excluded player has bought tickets');
}

test('tickets are sold from the start of the sales until their end, or else until the draw', () => {
  const times = { salesStart: 100n, salesEnd: 200n, drawAt: 300n };
  const sold = (more: object): boolean[] => [99, 100, 199, 200, 299, 300].map((now) => isSold(now, more));
  assert.deepEqual(sold(times), [false, true, true, false, false, false]);
  assert.deepEqual(sold({ ...times, salesEnd: 0n }), [false, true, true, true, true, false]);
  assert.deepEqual(sold({}), [true, true, true, true, true, true]);
});
