import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { EnterRaffleRequest } from '../../../gen/ts/windfall/raffle/v1/raffle.ts';
import { enterRaffle } from '../../../src/engines/raffle/operations/enter-raffle.ts';
import type { Rows, Snapshot } from '../../../src/journal/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import type { Context } from '../../../src/rpc/index.ts';
import { sell, ticketHolder, ticketsSold, type Sale } from '../../../src/tickets/index.ts';

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
  maxTotal: 100,
  maxPerPlayer: 50,
};

test('the first sale to a player whose tickets are counted has a row of the entry and one of the holder', () => {
  const holderOf = (known: boolean, sale: Partial<Sale> = {}) => {
    const { holder, createsHolder } = sell(snapshot(known), { ...SALE, ...sale }).data;
    return [holder, createsHolder];
  };
  assert.deepEqual(holderOf(false), [11n, true]);
  assert.deepEqual(holderOf(true), [9n, false]);
  assert.deepEqual(holderOf(false, { maxPerPlayer: 0 }), [0n, false]);
});

test('a pool counts its tickets, those of each player, and whose they are', () => {
  const pool = { tickets: 0, entries: 0, brand: 0, poolHash: '' };
  const holder = { code: '', tickets: 0 };
  const rows = {
    create: (table: unknown) => (table === ticketHolder ? holder : {}),
    edit: (table: unknown) => (table === ticketHolder ? holder : pool),
  } as unknown as Rows;
  const brands = [1, 1, 2, 1].map((brand, n) => {
    const { data } = sell(snapshot(n > 0), { ...SALE, brand });
    ticketsSold.evolve(data, rows, { time: 5, tx: 1, aggregate: 3, operationId: '' });
    return pool.brand;
  });
  assert.deepEqual(brands, [1, 1, -1, -1]);
  assert.deepEqual([pool.tickets, pool.entries, holder.tickets], [8, 4, 8]);
});

test('a sale takes one row number', async () => {
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
});
