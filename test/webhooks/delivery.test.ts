import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, until, type Service } from '../support/service.ts';
import { Hooks } from './hooks.ts';
import { Receiver } from './receiver.ts';

let service: Service;
let hooks: Hooks;
beforeAll(async () => {
  service = await startService();
  hooks = new Hooks(service, 'rest');
});
afterAll(() => service.stop());

test('an open reaches a receiver, signed, as the contract has the event', async () => {
  const receiver = await Receiver.start();
  const { id, secret } = await hooks.create(receiver.url, ['lootbox.*']);
  const open = await hooks.open('ann');
  await until(async () => receiver.received.length > 0);
  const [first] = receiver.received;
  const event = new Webhook(secret).verify(first!.body, first!.headers) as Record<string, any>;
  const { time, aggregate, sequence, data, ...rest } = event;
  assert.deepEqual(rest, { id: `${open}-0`, type: 'lootbox.opened', operator_id: 'demo', brand_id: 'main' });
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  assert.match(aggregate, /^seed_stream\/\d+$/);
  assert.match(sequence, /^\d+$/);
  assert.deepEqual(Object.keys(data), ['open_id', 'lootbox_id', 'lootbox_version', 'user_id', 'opens', 'free_opens']);
  assert.deepEqual([data.open_id, data.lootbox_id, data.user_id], [open, 'welcome-box', 'ann']);
  assert.equal(first!.headers['webhook-id'], `${open}-0`);
  await until(async () => (await hooks.deliveries(id))[0]!.state === 'delivered');
  const [delivery] = await hooks.deliveries(id);
  assert.deepEqual([delivery.event_id, delivery.tries, delivery.last_status], [`${open}-0`, 1, 200]);
  await receiver.stop();
});
