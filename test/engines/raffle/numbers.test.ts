import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { EnterRaffleRequest } from '../../../gen/ts/windfall/raffle/v1/raffle.ts';
import { enterRaffle } from '../../../src/engines/raffle/operations/enter-raffle.ts';
import { StaleVersionError, type Snapshot } from '../../../src/journal/index.ts';
import { ApiError } from '../../../src/kernel/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import type { Context } from '../../../src/rpc/index.ts';
import { sell, ticketHolder, type Sale } from '../../../src/tickets/index.ts';

const HELD = 40;

/** An empty pool; the player holds tickets, or none yet. */
const snapshot = (known: boolean): Snapshot =>
  ({
    row: (table: unknown) => (table === ticketHolder ? { tickets: HELD } : { tickets: 0, poolHash: '' }),
    find: () => (known ? 9 : undefined),
  }) as unknown as Snapshot;

const SALE: Sale = {
  pool: 3,
  code: 'summer',
  version: 1,
  player: 7,
  brand: 1,
  playerHash: 'ab'.repeat(16),
  count: 2,
  free: 0,
  freeAsset: 0,
  paid: 1n,
  paidAsset: 1,
  entry: 11,
  holder: 0,
  maxTotal: 100,
  maxPerPlayer: 50,
};

test('only the first sale to a player whose tickets are counted asks for a number of the holder', () => {
  assert.throws(() => sell(snapshot(false), SALE), StaleVersionError);
  const { holder, createsHolder } = sell(snapshot(false), { ...SALE, holder: 12 }).data;
  assert.deepEqual([holder, createsHolder], [12n, true]);
  assert.deepEqual(
    [sell(snapshot(true), SALE).data.holder, sell(snapshot(true), SALE).data.createsHolder],
    [9n, false],
  );
  assert.equal(sell(snapshot(false), { ...SALE, maxPerPlayer: 0 }).data.holder, 0n);
  // A sale that is refused takes none.
  assert.throws(() => sell(snapshot(false), { ...SALE, count: 51 }), ApiError);
});

test('a sale takes one row number, and another one only if it turns out that it is needed', async () => {
  let taken = 0;
  const raffle = { pool: 3, content: { maxPerPlayer: 50n } };
  const platform = {
    requestHash: () => () => '',
    identify: { ensure: () => ({ brandId: 1, player: 7 }) },
    definitions: { get: () => raffle },
    newId: async () => ++taken,
  } as unknown as Platform;
  const context = { caller: { role: 'service', operator: 1, brand: null, userId: null, name: 'key:1' } };
  const work = enterRaffle.work(platform)(context as unknown as Context);
  const request = { id: 'summer', userId: 'u', brandId: '', tickets: 1, idempotencyKey: '' } as EnterRaffleRequest;
  await work.prepare(request, false);
  assert.equal(taken, 1);
  await work.prepare(request, true);
  assert.equal(taken, 3);
});
