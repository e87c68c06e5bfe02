import assert from 'node:assert/strict';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startService, until, type Service } from '../support/service.ts';
import { runSql } from '../support/sql.ts';
import { Hooks } from './hooks.ts';
import { ok, Receiver, status, type Behaviour } from './receiver.ts';

const PLAYERS = 4;
const OPENS = 3;
const EVENTS = PLAYERS * OPENS;

/** Does something the first time that it gets an event, and then takes it. */
const first =
  (behaviour: Behaviour): Behaviour =>
  (received, before, response, socket) =>
    (before === 0 ? behaviour : ok)(received, before, response, socket);

const garbage: Behaviour = (_, __, ___, socket) => void socket.end('\0 no HTTP\r\n\r\n');
const reset: Behaviour = (_, __, ___, socket) => void socket.resetAndDestroy();
const slow: Behaviour = (_, __, response) => void setTimeout(() => response.end(), 200);
const endless: Behaviour = (_, __, response) => {
  response.on('drain', () => response.write(Buffer.alloc(65_536)));
  response.write(Buffer.alloc(1 << 20));
};
const hangs: Behaviour = () => undefined;

interface Case {
  readonly what: string;
  readonly behaviour: Behaviour;
  /** What becomes of each event: how many of which state, after how many tries, with which last status. */
  readonly becomes: Readonly<Record<string, number>>;
  readonly webhook?: string;
}

const delivered = (tries: number): Case['becomes'] => ({ [`delivered, ${tries} tries, 200`]: EVENTS });
const TABLE: readonly Case[] = [
  // First, because its tries last ten seconds.
  {
    what: 'hangs, until it does not',
    behaviour: hangs,
    becomes: { 'waiting, 1 tries, 0': PLAYERS, 'waiting, 0 tries, 0': EVENTS - PLAYERS },
  },
  { what: 'takes everything', behaviour: ok, becomes: delivered(1) },
  { what: 'is slow', behaviour: slow, becomes: delivered(1) },
  { what: 'sends a body without an end', behaviour: endless, becomes: delivered(1) },
  { what: 'fails once: 500', behaviour: first(status(500)), becomes: delivered(2) },
  { what: 'fails once: 429', behaviour: first(status(429, { 'retry-after': '1' })), becomes: delivered(2) },
  { what: 'redirects once', behaviour: first(status(302, { location: '/else' })), becomes: delivered(2) },
  { what: 'lies once', behaviour: first(garbage), becomes: delivered(2) },
  { what: 'resets once', behaviour: first(reset), becomes: delivered(2) },
  { what: 'refuses: 400', behaviour: status(400), becomes: { 'failed, 1 tries, 400': EVENTS } },
];

let service: Service;
let hooks: Hooks;
beforeAll(async () => {
  service = await startService();
  hooks = new Hooks(service);
});
afterAll(() => service.stop());

/** Time passes: what has failed once is tried again. What is being tried now is due later than that. */
const hurry = (webhookId: string): Promise<unknown[]> =>
  Promise.all([
    runSql(service.databaseUrl, "update webhook set retry_at = 'epoch' where webhook_id = $1", [webhookId]),
    runSql(
      service.databaseUrl,
      'update webhook_delivery set next_at = clock_timestamp() where webhook_id = $1 and state = 1 and tries = 1 ' +
        "and last_error <> '' and next_at < clock_timestamp() + interval '7 s'",
      [webhookId],
    ),
  ]);

async function became(webhookId: string): Promise<Record<string, number>> {
  const deliveries = await hooks.deliveries(webhookId);
  const lines = deliveries.map((one) => `${one.state}, ${one.tries} tries, ${one.last_status}`);
  return Object.fromEntries([...Map.groupBy(lines, (line) => line)].map(([line, all]) => [line, all.length]));
}

const sorted = (lines: object): string => Object.entries(lines).map(String).sort().join();

/** No event comes before the one before it, of the same aggregate, has come for the last time. */
function assertOrder({ received }: Receiver): void {
  for (const [aggregate, events] of Map.groupBy(received, ({ event }) => event.aggregate)) {
    const sequences = events.map(({ event }) => Number(event.sequence));
    assert.deepEqual(
      sequences,
      [...sequences].sort((a, b) => a - b),
      aggregate,
    );
  }
}

describe('a receiver that', () => {
  const receivers: Receiver[] = [];
  const ids: string[] = [];
  const events = new Set<string>();
  beforeAll(async () => {
    for (const { behaviour } of TABLE) {
      const receiver = await Receiver.start(behaviour);
      receivers.push(receiver);
      ids.push((await hooks.create(receiver.url, ['lootbox.opened'])).id);
    }
    const opens = Array.from({ length: EVENTS }, (_, i) => hooks.open(`player-${i % PLAYERS}`));
    for (const open of await Promise.all(opens)) events.add(`${open}-0`);
  });
  afterAll(() => Promise.all(receivers.map((one) => one.stop())));

  for (const [i, { what, becomes }] of TABLE.entries()) {
    test(what, async (t) => {
      const receiver = receivers[i]!;
      const wanted = sorted(becomes);
      await until(async () => {
        if (!what.startsWith('hangs')) await hurry(ids[i]!);
        return sorted(await became(ids[i]!)) === wanted;
      }).catch(async () => assert.deepEqual(await became(ids[i]!), becomes));
      if (what.startsWith('hangs')) {
        // The others were served although this one holds every connection that it gets.
        receiver.behaviour = ok;
        await until(
          async () => (await hurry(ids[i]!), (await became(ids[i]!))['delivered, 1 tries, 200'] === EVENTS - PLAYERS),
        );
      }
      assert.deepEqual(new Set(receiver.received.map(({ id }) => id)), events);
      assertOrder(receiver);
      await t.annotate(`${what}: ${JSON.stringify(await became(ids[i]!))}, ${receiver.received.length} requests`);
    });
  }
});

test('a receiver that answers 410 is left alone, and its webhook disabled, until it is activated again', async () => {
  const receiver = await Receiver.start(status(410));
  const { id } = await hooks.create(receiver.url, ['lootbox.opened']);
  for (let i = 0; i < 3; i++) await hooks.open('gone');
  await until(async () => (await hooks.admin('GetWebhook', { webhook_id: id })).webhook.status === 'failed');
  assert.deepEqual(await became(id), { 'waiting, 0 tries, 0': 2, 'failed, 1 tries, 410': 1 });
  assert.equal(receiver.received.length, 1);
  // The follower is behind: what has a number of before is still running.
  const running = new pg.Client({ connectionString: service.databaseUrl });
  await running.connect();
  await running.query('begin');
  await running.query('select pg_current_xact_id()');
  await hooks.open('gone');
  await hooks.open('gone-2');
  receiver.behaviour = ok;
  const { webhook } = await hooks.admin('UpdateWebhook', { webhook_id: id, status: 'active' });
  await running.end();
  const after = `${await hooks.open('gone-3')}-0`;
  assert.deepEqual([webhook.status, webhook.failures], ['active', 0]);
  // What has happened while it was disabled is not sent later.
  await until(async () => receiver.received.some((one) => one.id === after));
  await until(async () => (await became(id))['delivered, 1 tries, 200'] === 3);
  assert.equal((await hooks.deliveries(id)).length, 4);
  await receiver.stop();
});

test('a paused webhook gets everything once it is active again', async () => {
  const receiver = await Receiver.start();
  const { id } = await hooks.create(receiver.url, ['lootbox.opened']);
  await hooks.admin('UpdateWebhook', { webhook_id: id, status: 'paused' });
  const opens = [await hooks.open('paused'), await hooks.open('paused'), await hooks.open('paused-2')];
  await until(async () => (await hooks.admin('GetWebhook', { webhook_id: id })).webhook.waiting === 3);
  assert.equal(receiver.received.length, 0);
  await hooks.admin('UpdateWebhook', { webhook_id: id, status: 'active' });
  await until(async () => receiver.received.length === 3);
  assert.deepEqual(new Set(receiver.received.map((one) => one.id)), new Set(opens.map((one) => `${one}-0`)));
  await receiver.stop();
});
