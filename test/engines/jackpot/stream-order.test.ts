import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, test } from 'vitest';
import type { ContributeToJackpotRequest } from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { grpcApi } from '../../support/api.ts';
import { Callers } from '../../support/callers.ts';
import { freshDatabase } from '../../support/database.ts';
import { answerOf } from '../../support/outcomes.ts';
import { startServer, type ServerProcess } from '../../support/service.ts';
import { Http2Stream } from './http2-stream.ts';

let server: ServerProcess;
let api: ReturnType<typeof grpcApi>;
let admin: Record<string, string>;
beforeAll(async () => {
  const url = await freshDatabase();
  server = await startServer(url);
  api = grpcApi(server.address);
  admin = await new Callers(api.call, url).headers('admin', '');
});
afterAll(async () => {
  api.close();
  await server.end();
});

const done = async (rpc: string, request: object): Promise<void> => {
  const { status, reason } = await api.call(rpc, request as never, admin);
  assert.equal(status, 'OK', String(reason));
};
const item = (id: string, more: Partial<ContributeToJackpotRequest> = {}): ContributeToJackpotRequest => ({
  id,
  userId: 'u',
  brandId: '',
  sourceWagerId: '',
  amount: 1,
  idempotencyKey: randomUUID(),
  receipt: false,
  ...more,
});

test('the items of a stream are decided in order, save those that meet an update, and each once', async () => {
  await done('JackpotService.CreateJackpot', { id: 'renamed', asset: 'USD', seed_usd: '0' });
  const stream = new Http2Stream(server.address);
  const updates = (async (): Promise<void> => {
    for (let n = 0; n < 3; n++) await done('JackpotService.UpdateJackpot', { id: 'renamed', name: `name ${n}` });
  })();
  for (let m = 0; m < 100; m++) stream.write(Array.from({ length: 50 }, () => item('renamed')));
  const messages = await stream.readAll();
  await updates;
  const answers = messages.flatMap(({ results }) => results);
  assert.equal(answers.length, 100 * 50);
  // Each contribution adds one unit to a pot that is never dropped: the pool is its place in the order.
  const places = answers.map((result) => Number(answerOf(result)?.pool ?? 0));
  assert.deepEqual(
    places.toSorted((a, b) => a - b),
    places.map((_, i) => i + 1),
  );
  // An update makes stale what was in progress then.
  const astray = places.filter((pool, i) => pool !== i + 1).length;
  assert.ok(astray <= 3 * 2050, `${astray} items are out of order`);
});

test('the items of a message are decided in order, also where players are new', async () => {
  await done('JackpotService.CreateJackpot', { id: 'mixed', asset: 'USD', seed_usd: '0' });
  const stream = new Http2Stream(server.address);
  for (let m = 0; m < 10; m++) {
    stream.write(Array.from({ length: 40 }, (_, i) => item('mixed', { userId: i % 5 === 0 ? `new-${m}-${i}` : 'u' })));
  }
  const places = (await stream.readAll()).flatMap(({ results }) => results).map((one) => Number(answerOf(one)?.pool));
  assert.deepEqual(
    places,
    Array.from({ length: 400 }, (_, i) => i + 1),
  );
});

test('each jackpot of a stream has its own order', async () => {
  const ids = ['one', 'two', 'three'];
  for (const id of ids) await done('JackpotService.CreateJackpot', { id, asset: 'USD', seed_usd: '0' });
  const stream = new Http2Stream(server.address);
  for (let m = 0; m < 20; m++) stream.write(Array.from({ length: 30 }, (_, i) => item(ids[i % 3]!)));
  const pools = (await stream.readAll()).flatMap(({ results }) => results).map((one) => Number(answerOf(one)?.pool));
  for (const place of ids.keys()) {
    assert.deepEqual(
      pools.filter((_, i) => i % 3 === place),
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
  }
});
