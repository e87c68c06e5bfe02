import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { claim, purge, readyWebhooks, settle, type Claimed, type ReadyWebhook } from '../../src/webhooks/queue.ts';
import type { Outcome } from '../../src/webhooks/retry.ts';
import { freshDatabase } from '../support/database.ts';

const MINUTE = 60_000;
const DELIVERED: Outcome = { state: 'delivered' };
const AGAIN: Outcome = { state: 'again', error: 'no', afterMs: MINUTE };
let pool: pg.Pool;
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await freshDatabase(), max: 3 });
  await pool.query("insert into operator (name) values ('one'), ('two')");
});
afterAll(() => pool.end());

const rows = async (text: string, values: readonly unknown[] = []): Promise<any[]> =>
  (await pool.query(text, [...values])).rows;

/** A new webhook, left alone for some seconds from now. */
async function hook({ status = 'active', operator = 1, left = 0 } = {}): Promise<ReadyWebhook> {
  const [row] = await rows(
    'insert into webhook (operator_id, kind, url, events, secrets, status, retry_at) ' +
      "values ($1, 'events', 'x', '{}', '{}', $2, now() + $3 * interval '1 s') returning webhook_id",
    [operator, status, left],
  );
  return { operator, webhook: row.webhook_id, url: 'x', isCallback: false, secrets: [], failing: false };
}

/** A delivery: 0 is queued, 1 due, 2 delivered, 3 failed. @param days since it was made, and finished. */
const deliver = (
  { operator, webhook }: ReadyWebhook,
  { aggregate = '', sequence = 1, state = 1, next = 0, days = 0 } = {},
): Promise<unknown> =>
  rows(
    'insert into webhook_delivery (operator_id, webhook_id, event_id, type, aggregate, sequence, event_time, body, ' +
      "state, next_at, created_at, finished_at) values ($1, $2, $3, 't', $4, $5, now(), '{}', $6, " +
      "now() + $7 * interval '1 s', now() - $8 * interval '1 day', now() - $8 * interval '1 day')",
    [operator, webhook, randomUUID(), aggregate, sequence, state, next, days],
  );

/** The deliveries of a webhook: their aggregates, sequences and states. */
const statesOf = async ({ webhook }: ReadyWebhook): Promise<string[]> =>
  (
    await rows('select * from webhook_delivery where webhook_id = $1 order by aggregate, sequence, state', [webhook])
  ).map((row) => `${row.aggregate}${row.sequence} ${row.state}`);

const one = async (webhook: ReadyWebhook): Promise<Claimed> => (await claim(pool, webhook, 1, MINUTE))[0]!;

test('those webhooks are ready that are active, not left alone, and have something due', async () => {
  const all = [await hook(), await hook({ status: 'paused' }), await hook({ left: 60 }), await hook(), await hook()];
  for (const webhook of all.slice(0, 3)) await deliver(webhook);
  await deliver(all[3]!, { state: 0 });
  await deliver(all[4]!, { next: 60 });
  const ready = (await readyWebhooks(pool)).map(({ webhook }) => webhook);
  assert.deepEqual(ready, [all[0]!.webhook]);
  await rows('update webhook set failures = 4 where webhook_id = $1', [all[0]!.webhook]);
  assert.equal((await readyWebhooks(pool))[0]!.failing, false);
  await rows('update webhook set failures = 5 where webhook_id = $1', [all[0]!.webhook]);
  assert.equal((await readyWebhooks(pool))[0]!.failing, true);
});

test('a delivery is tried by one process, and by another one once the first is not heard of', async () => {
  const [webhook, other] = [await hook(), await hook()];
  for (const receiver of [webhook, webhook, webhook, webhook, other]) await deliver(receiver);
  const both = await Promise.all([claim(pool, webhook, 2, MINUTE), claim(pool, webhook, 2, MINUTE)]);
  assert.equal(new Set(both.flat().map(({ id }) => id)).size, 4);
  assert.deepEqual(await claim(pool, webhook, 9, MINUTE), []);
  await rows('update webhook_delivery set next_at = now() where webhook_id = $1', [webhook.webhook]);
  assert.deepEqual(
    (await claim(pool, webhook, 9, MINUTE)).map(({ tries }) => tries),
    [2, 2, 2, 2],
  );
  assert.equal((await claim(pool, other, 9, MINUTE)).length, 1);
});

test('what is finished makes the next one of its aggregate due, and what is tried again does not', async () => {
  const webhook = await hook();
  await deliver(webhook, { aggregate: 'a' });
  for (const sequence of [3, 2]) await deliver(webhook, { aggregate: 'a', sequence, state: 0 });
  await deliver(webhook, { aggregate: 'b', sequence: 1, state: 0 });
  const first = await one(webhook);
  await settle(pool, webhook, first, AGAIN, 500);
  assert.deepEqual(await statesOf(webhook), ['a1 1', 'a2 0', 'a3 0', 'b1 0']);
  assert.deepEqual(await claim(pool, webhook, 9, MINUTE), []);
  await settle(pool, webhook, first, DELIVERED, 200);
  assert.deepEqual(await statesOf(webhook), ['a1 2', 'a2 1', 'a3 0', 'b1 0']);
  await settle(pool, webhook, await one(webhook), { state: 'failed', error: 'no', why: 'refused' }, 400);
  assert.deepEqual(await statesOf(webhook), ['a1 2', 'a2 3', 'a3 1', 'b1 0']);
  // Another process has been slower with the first one: it changes nothing.
  for (const late of [AGAIN, DELIVERED]) {
    await settle(pool, webhook, first, late, 500);
    assert.deepEqual(await statesOf(webhook), ['a1 2', 'a2 3', 'a3 1', 'b1 0']);
  }
});

test('a webhook that keeps failing is left alone, and one that is gone is disabled, unless it is paused', async () => {
  const [webhook, paused] = [await hook(), await hook({ status: 'paused' })];
  const stateOf = async ({ webhook: id }: ReadyWebhook): Promise<any> =>
    (await rows('select status, failures, retry_at > now() as left from webhook where webhook_id = $1', [id]))[0];
  await deliver(webhook);
  const claimed = await one(webhook);
  for (let i = 0; i < 5; i++) await settle(pool, webhook, claimed, AGAIN, 500);
  assert.deepEqual(await stateOf(webhook), { status: 'active', failures: 5, left: true });
  await settle(pool, webhook, claimed, DELIVERED, 200);
  assert.deepEqual(await stateOf(webhook), { status: 'active', failures: 0, left: false });
  for (const gone of [webhook, paused]) {
    await deliver(gone);
    await settle(pool, gone, await one(gone), { state: 'failed', error: 'no', why: 'gone' }, 410);
  }
  assert.deepEqual([(await stateOf(webhook)).status, (await stateOf(paused)).status], ['failed', 'paused']);
});

test('deliveries are kept for their days: those that wait, until they come or their webhook is deleted', async () => {
  const [webhook, deleted, disabled] = [
    await hook(),
    await hook({ status: 'deleted' }),
    await hook({ status: 'failed' }),
  ];
  for (const state of [1, 2, 3]) for (const days of [2, 4, 31]) await deliver(webhook, { state, days, sequence: days });
  await deliver(deleted);
  for (const days of [2, 31]) await deliver(disabled, { days, sequence: days });
  while (await purge(pool)) assert.ok(true);
  assert.deepEqual(await statesOf(webhook), ['2 1', '2 2', '2 3', '4 1', '4 3', '31 1']);
  assert.deepEqual([await statesOf(deleted), await statesOf(disabled)], [[], ['2 1']]);
  const left = await rows('select webhook_id from webhook where webhook_id = any($1)', [
    [deleted.webhook, disabled.webhook],
  ]);
  assert.deepEqual(left, [{ webhook_id: disabled.webhook }]);
});
