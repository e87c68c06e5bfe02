import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, until, type Service } from '../support/service.ts';
import { runSql } from '../support/sql.ts';
import { Hooks } from './hooks.ts';
import { ok, Receiver, status, type Received } from './receiver.ts';

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

/** Whether a request is signed with a secret. */
function isSigned({ body, headers }: Received, secret: string): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

test('while secrets are rotated a delivery is signed with both, then with the new one', async () => {
  const receiver = await Receiver.start();
  const { id, secret: first } = await hooks.create(receiver.url, ['lootbox.opened']);
  const { secret: second, secrets } = await hooks.admin('RotateWebhookSecret', { webhook_id: id });
  assert.equal(secrets, 2);
  assert.match(second, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.notEqual(first, second);
  await hooks.open('rotating');
  await until(async () => receiver.received.length === 1);
  assert.deepEqual(
    [first, second].map((secret) => isSigned(receiver.received[0]!, secret)),
    [true, true],
  );
  assert.deepEqual(await hooks.admin('RetireWebhookSecret', { webhook_id: id }), { secrets: 1 });
  await hooks.open('rotating');
  await until(async () => receiver.received.length === 2);
  assert.deepEqual(
    [first, second].map((secret) => isSigned(receiver.received[1]!, secret)),
    [false, true],
  );
  await receiver.stop();
});

test('a signature is of this body, this id and this time', async () => {
  const receiver = await Receiver.start();
  const { secret } = await hooks.create(receiver.url, ['lootbox.opened']);
  await hooks.open('signed');
  await until(async () => receiver.received.length === 1);
  const [received] = receiver.received;
  const { headers, body } = received!;
  const isGood = (changed: Partial<Received>): boolean => isSigned({ ...received!, ...changed }, secret);
  assert.equal(isGood({}), true);
  assert.equal(isGood({ body: body.replace('signed', 'forged') }), false);
  assert.equal(isGood({ headers: { ...headers, 'webhook-id': 'other' } }), false);
  const later = String(Number(headers['webhook-timestamp']) + 1);
  assert.equal(isGood({ headers: { ...headers, 'webhook-timestamp': later } }), false);
  await receiver.stop();
});

test('secrets are not in the database, nor in the journal', async () => {
  const { secret } = await hooks.create('http://127.0.0.1:9/', ['lootbox.opened']);
  const raw = Buffer.from(secret.slice('whsec_'.length), 'base64');
  for (const table of ['webhook', 'journal', 'operator']) {
    const rows = JSON.stringify(await runSql(service.databaseUrl, `select t::text from ${table} t`));
    assert.ok(!rows.includes(secret.slice(6)) && !rows.includes(raw.toString('hex')), table);
  }
});

test('finished deliveries are sent again: one by its id, or those that failed since a time, or all', async () => {
  const receiver = await Receiver.start(status(400));
  const { id } = await hooks.create(receiver.url, ['lootbox.opened']);
  const opens = [await hooks.open('again'), await hooks.open('again'), await hooks.open('again')];
  const states = async (): Promise<string[]> => (await hooks.deliveries(id)).map(({ state }) => state).reverse();
  await until(async () => (await states()).join() === 'failed,failed,failed');
  const since = (await hooks.deliveries(id))[1]!.event_time;
  receiver.behaviour = ok;
  const [last] = await hooks.deliveries(id);
  const one = { webhook_id: id, delivery_id: last.delivery_id };
  assert.deepEqual(await hooks.admin('RedeliverEvents', one), { redelivered: 1, more: false });
  await until(async () => (await states()).join() === 'failed,failed,delivered');
  const failed = { webhook_id: id, since };
  assert.deepEqual(await hooks.admin('RedeliverEvents', failed), { redelivered: 1, more: false });
  await until(async () => (await states()).join() === 'failed,delivered,delivered');
  receiver.received.length = 0;
  const all = { webhook_id: id, since: '2026-01-01T00:00:00Z', include_delivered: true };
  assert.deepEqual(await hooks.admin('RedeliverEvents', all), { redelivered: 3, more: false });
  await until(async () => (await states()).join() === 'delivered,delivered,delivered');
  // In the order in which they happened.
  assert.deepEqual(
    receiver.received.map((received) => received.id),
    opens.map((open) => `${open}-0`),
  );
  await receiver.stop();
});

test('a key makes one webhook, however often and at once it is used', async () => {
  const request = { url: 'http://127.0.0.1:9/', events: ['*'], idempotency_key: 'made-once' };
  const headers = await service.credentials('admin', '');
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => service.grpc('WebhookService.CreateWebhook', request, headers)),
  );
  assert.equal(outcomes.filter((one) => one.status === 'OK').length, 1);
  assert.equal(outcomes.filter((one) => one.status === 'ALREADY_EXISTS').length, 4);
  const made = (outcomes.find((one) => one.status === 'OK')!.body as any).webhook.webhook_id;
  for (const { details } of outcomes.filter((one) => one.status !== 'OK')) assert.equal(details['id'], made);
});
