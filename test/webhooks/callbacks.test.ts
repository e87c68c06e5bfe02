import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { engines } from '../../src/engines/index.ts';
import { lootboxOpened } from '../../src/engines/lootbox/operations/open-lootbox.ts';
import { defineCallback } from '../../src/events/index.ts';
import { keySource } from '../../src/master-keys.ts';
import { createWindfall, type Windfall } from '../../src/server.ts';
import { applyFile } from '../../src/tools/apply.ts';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { freshDatabase } from '../support/database.ts';
import { MASTER_KEY, until } from '../support/service.ts';
import { Hooks } from './hooks.ts';
import { Receiver } from './receiver.ts';

const CONTRACT = new URL('../../gen/api.binpb', import.meta.url);
const DEMO = new URL('../../src/tools/demo.yaml', import.meta.url).pathname;
let receiver: Receiver;
let windfall: Windfall;
let hooks: Hooks;
let databaseUrl: string;
let close: () => void;

/** Opens call back, as contributions of pots do: what is sent follows from the fact alone. */
const opened = defineCallback({
  type: 'test.opened',
  facts: [lootboxOpened],
  view: ({ data, operationId }, names) => ({
    url: `${receiver.url}/${names.player(data.player).userId}`,
    body: JSON.stringify({ type: 'data', gameround_id: operationId }),
  }),
});

beforeAll(async () => {
  receiver = await Receiver.start();
  databaseUrl = await freshDatabase();
  const config = readConfig({ WINDFALL_MODE: 'development', THROTTLE: '1000000', RATE_LIMIT: '10000000' });
  windfall = await createWindfall(
    { ...config, databaseUrl, markFile: null },
    {
      engines: engines.map((engine) => (engine.name === 'lootbox' ? { ...engine, callbacks: [opened] } : engine)),
      contract: CONTRACT,
      fatal: (error) => assert.fail(error),
      keys: keySource({ ...config, masterKey: Buffer.from(MASTER_KEY, 'hex') }),
      log: pino({ level: 'silent' }),
    },
  );
  const address = `127.0.0.1:${await windfall.rpc.bind('127.0.0.1:0')}`;
  await applyFile({ file: DEMO, address, userName: 'demo', password: 'demo' });
  const { call: grpc, close: closeClient } = grpcApi(address);
  close = closeClient;
  const callers = new Callers(grpc, databaseUrl);
  hooks = new Hooks({ grpc, rest: grpc, credentials: (as, userId) => callers.headers(as, userId) });
});
afterAll(async () => {
  close();
  await windfall.rpc.drain({ waitMs: 0, limitMs: 1000 });
  await windfall.close();
  await receiver.stop();
});

test('callbacks come without a secret, are signed with the live ones, and are seen as deliveries', async () => {
  await hooks.open('early');
  await until(async () => receiver.received.length === 1);
  const webhook = async (): Promise<any> => (await hooks.admin('ListWebhooks', {})).webhooks[0];
  const { webhook_id: id, kind, url, secrets } = await webhook();
  assert.deepEqual([kind, url, secrets], ['callback', '127.0.0.1', 0]);
  await until(async () => (await hooks.deliveries(id))[0].state === 'delivered');

  const { secret: first } = await hooks.admin('RotateWebhookSecret', { webhook_id: 'callbacks' });
  const { body, headers } = receiver.received[0]!;
  assert.throws(() => new Webhook(first).verify(body, headers), 'what was sent before is not signed with it');
  const made = await hooks.open('signed');
  await until(async () => receiver.received.length === 2);
  const received = receiver.received[1]!;
  assert.equal(received.path, '/hook/signed');
  assert.deepEqual(new Webhook(first).verify(received.body, received.headers), { type: 'data', gameround_id: made });
  assert.equal(received.id, `${made}-0-callback`);

  const { secret: second } = await hooks.admin('RotateWebhookSecret', { webhook_id: 'callbacks' });
  await hooks.open('rotating');
  await until(async () => receiver.received.length === 3);
  for (const secret of [first, second])
    new Webhook(secret).verify(receiver.received[2]!.body, receiver.received[2]!.headers);
  assert.equal((await webhook()).secrets, 2);
});

test('a host that is no longer registered is not called back', async () => {
  const { length } = receiver.received;
  await hooks.admin('UpdateWebhookSettings', { hosts: ['hooks.example.com'] });
  // Settings are cached for a second.
  await sleep(1500);
  const opens = [await hooks.open('away'), await hooks.open('away')];
  await until(async () => {
    const { webhooks } = await hooks.admin('ListWebhooks', {});
    const all = await Promise.all(webhooks.map((one: any) => hooks.deliveries(one.webhook_id)));
    const waiting = all.flat().filter((one) => opens.some((open) => one.event_id.startsWith(open)));
    return waiting.length === 2 && waiting.every((one) => one.last_error === 'the host is not registered');
  });
  assert.equal(receiver.received.length, length);
});
