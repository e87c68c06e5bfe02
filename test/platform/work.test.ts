import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, test } from 'vitest';
import type { JsonObject } from '@bufbuild/protobuf';
import { grpcApi, type Call } from '../support/api.ts';
import { ContributeToJackpotRequest } from '../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { Http2Stream } from '../engines/jackpot/http2-stream.ts';
import { Callers } from '../support/callers.ts';
import { demoDatabase, startServer, type ServerProcess } from '../support/service.ts';

const SERVICE = { authorization: 'Bearer wf_test_demo' };

let server: ServerProcess;
let api: ReturnType<typeof grpcApi>;
let callers: Callers;
beforeAll(async () => {
  const databaseUrl = await demoDatabase();
  server = await startServer(databaseUrl, { RATE_LIMIT: '100' });
  api = grpcApi(server.address);
  callers = new Callers(api.call, databaseUrl);
  const admin = await callers.headers('admin', '');
  const prizes = [{ segment_label: 'all', asset: 'WINZ', amount: '0.000001', weight: 1 }];
  const limits = [{ count: 1_000_000, period: 'utc_day' }];
  for (const [id, rolls] of [
    ['small', 1],
    ['large', 20],
  ] as const)
    assert.equal((await as(admin)('LootboxService.CreateLootbox', { id, rolls, prizes, limits })).reason, null);
});
afterAll(async () => {
  api.close();
  await server.end();
});

const as =
  (headers: Record<string, string>): Call =>
  (rpc, request) =>
    api.call(rpc, request, headers);

const player = async (userId: string): Promise<Call> => as(await callers.headers('player', userId));
const item = (id: string, count: number): JsonObject => ({ id, count, idempotency_key: randomUUID() });
const batch = (id: string, items: number, count: number): JsonObject => ({
  items: Array.from({ length: items }, () => item(id, count)),
});
const won = async (call: Call, userId = ''): Promise<unknown> => {
  const { body } = await call('LedgerService.ListBalances', { user_id: userId });
  return (body as { balances: { amount: string }[] }).balances[0]?.amount;
};

test('a batch draws at most 10,000 rewards, and one that would draw more draws none', async () => {
  const call = await player('greedy');
  const { reason, details } = await call('LootboxService.BatchOpen', batch('large', 6, 100));
  assert.equal(reason, 'INVALID_ARGUMENT');
  const description = 'must not draw more than 10000 rewards together';
  assert.deepEqual(details['fields'], [{ field: 'items', description, reason: 'INVALID' }]);
  assert.equal(await won(as(SERVICE), 'greedy'), undefined);
});

test('what is drawn counts as calls of its caller, who waits for it, and of no other', async () => {
  for (const [rpc, userId] of [
    ['LootboxService.BatchOpen', 'in-batches'],
    ['LootboxService.OpenLootbox', 'one-by-one'],
  ] as const) {
    const call = await player(userId);
    const request = rpc.endsWith('BatchOpen') ? batch('large', 5, 100) : item('large', 100);
    assert.equal((await call(rpc, request)).reason, null);
    assert.equal((await call('LedgerService.ListBalances', {})).reason, 'RATE_LIMITED');
    assert.equal((await call(rpc, request)).reason, 'RATE_LIMITED');
    assert.equal(await won(as(SERVICE), userId), rpc.endsWith('BatchOpen') ? '0.01' : '0.002');
  }
});

test('a call that draws little is one call', async () => {
  const call = await player('modest');
  for (let i = 0; i < 10; i++) assert.equal((await call('LootboxService.OpenLootbox', item('small', 1))).reason, null);
});

test('the messages of a stream wait where calls would be refused', async () => {
  const stream = new Http2Stream(server.address);
  const [begun, contribution] = [performance.now(), { id: 'daily-drop', userId: 'streaming', amount: 0.01 }];
  for (let message = 0; message < 2; message++)
    stream.write(
      Array.from({ length: 1000 }, () =>
        ContributeToJackpotRequest.fromPartial({ ...contribution, idempotencyKey: randomUUID() }),
      ),
    );
  const messages = await stream.readAll();
  assert.ok(messages.every(({ results }) => results.every(({ outcome }) => outcome?.$case === 'contributed')));
  // The first 1,000 items are worth 200 calls, twice the rate.
  assert.ok(performance.now() - begun > 900);
});
