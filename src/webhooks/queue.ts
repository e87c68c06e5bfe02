import type pg from 'pg';
import { sealing, sealRow } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import { sealedWebhook } from './entities.ts';
import { FAILURES_MAX, healthAfter, type Outcome } from './retry.ts';

/** A webhook, and whether it has to be handled with care. */
export interface ReadyWebhook {
  readonly operator: OperatorNo;
  readonly webhook: string;
  readonly url: string;
  readonly isCallback: boolean;
  readonly secrets: readonly string[];
  /** Whether its last tries have all failed. */
  readonly failing: boolean;
}

/** A delivery that this process tries. */
export interface Claimed {
  readonly id: string;
  readonly eventId: string;
  readonly aggregate: string;
  readonly url: string;
  readonly body: string;
  /** With this one. */
  readonly tries: number;
}

const READY = `select w.operator_id, w.webhook_id, w.url, w.kind = 'callback' as callback,
  case when w.kind = 'callback' then o.callback_secrets else w.secrets end as secrets, w.failures
from webhook w join operator o using (operator_id)
where w.status = 'active' and w.retry_at <= clock_timestamp() and exists (
  select from webhook_delivery d where d.operator_id = w.operator_id and d.webhook_id = w.webhook_id and d.state = 1
  and d.next_at <= clock_timestamp())
order by random()`;

/** The webhooks that something may be sent to now. */
export async function readyWebhooks(client: pg.Pool): Promise<ReadyWebhook[]> {
  const { rows } = await client.query<{
    operator_id: string;
    webhook_id: string;
    url: string;
    callback: boolean;
    secrets: string[];
    failures: number;
  }>(READY);
  return rows.map((row) => ({
    operator: Number(row.operator_id),
    webhook: row.webhook_id,
    url: row.url,
    isCallback: row.callback,
    secrets: row.secrets,
    failing: row.failures >= FAILURES_MAX,
  }));
}

// A try counts before it is made, so that one that kills the process is not made for ever.
const CLAIM = `update webhook_delivery d set tries = d.tries + 1, next_at = clock_timestamp() + $4 * interval '1 ms'
from (
  select x.delivery_id from webhook_delivery x where x.operator_id = $1 and x.webhook_id = $2 and x.state = 1
  and x.next_at <= clock_timestamp() order by x.next_at limit $3 for update skip locked
) c where d.operator_id = $1 and d.delivery_id = c.delivery_id
returning d.delivery_id, d.event_id, d.aggregate, d.url, d.body, d.tries`;

/** Takes deliveries that are due. If nothing is heard of them for `leaseMs`, another process takes them. */
export async function claim(
  client: pg.Pool,
  { operator, webhook }: ReadyWebhook,
  count: number,
  leaseMs: number,
): Promise<Claimed[]> {
  const { rows } = await client.query<
    Record<'delivery_id' | 'event_id' | 'aggregate' | 'url' | 'body', string> & {
      tries: number;
    }
  >(CLAIM, [operator, webhook, count, leaseMs]);
  return rows.map((row) => ({
    id: row.delivery_id,
    eventId: row.event_id,
    aggregate: row.aggregate,
    url: row.url,
    body: row.body,
    tries: row.tries,
  }));
}

const LOCK =
  'select failures, failing_since, clock_timestamp() as now from webhook ' +
  'where operator_id = $1 and webhook_id = $2 for no key update';
const FINISH = `update webhook_delivery 
  set state = $3, last_status = $4, last_error = $5, finished_at = clock_timestamp()
  where operator_id = $1 and delivery_id = $2 and state = 1`;
const AGAIN = `update webhook_delivery set last_status = $3, last_error = $4,
  next_at = clock_timestamp() + $5 * interval '1 ms' where operator_id = $1 and delivery_id = $2 and state = 1`;
const PROMOTE = `update webhook_delivery set state = 1, next_at = clock_timestamp()
where operator_id = $1 and delivery_id = (
  select d.delivery_id from webhook_delivery d where d.operator_id = $1 and d.webhook_id = $2 and d.aggregate = $3
  and d.state in (0, 1) order by d.sequence, d.delivery_id limit 1) and state = 0 and not exists (
  select from webhook_delivery d where d.operator_id = $1 and d.webhook_id = $2 and d.aggregate = $3 and d.state = 1)`;
const HEALTH =
  "update webhook set failures = $3, failing_since = $4, retry_at = clock_timestamp() + $5 * interval '1 ms', " +
  "status = case when $6 and status = 'active' then 'failed' else status end " +
  'where operator_id = $1 and webhook_id = $2';

/** Records what became of a try, and makes the next delivery of its aggregate due if this one is finished. */
export async function settle(
  pool: pg.Pool,
  { operator, webhook }: ReadyWebhook,
  { id, aggregate }: Claimed,
  outcome: Outcome,
  status: number,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<HealthRow>(LOCK, [operator, webhook]);
    const [health] = rows;
    if (outcome.state === 'again')
      await client.query(AGAIN, [operator, id, status, outcome.error, Math.round(outcome.afterMs)]);
    else {
      const failed = outcome.state === 'failed';
      await client.query(FINISH, [operator, id, failed ? 3 : 2, status, failed ? outcome.error : '']);
      if (aggregate !== '') await client.query(PROMOTE, [operator, webhook, aggregate]);
    }
    if (health !== undefined) await updateHealth(client, [operator, webhook], health, outcome);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

interface HealthRow {
  readonly failures: number;
  readonly failing_since: Date | null;
  readonly now: Date;
}

async function updateHealth(
  client: pg.PoolClient,
  key: readonly [OperatorNo, string],
  { failures, failing_since: failingSince, now }: HealthRow,
  outcome: Outcome,
): Promise<void> {
  const after = healthAfter({ failures, failingSince }, outcome, now);
  if (failures === 0 && after.failures === 0 && !after.disabled) return;
  await client.query(HEALTH, [...key, after.failures, after.failingSince, after.pauseMs, after.disabled]);
  if (after.disabled)
    await sealRow(
      sealing((text, values) => client.query(text, values)),
      sealedWebhook,
      ...key,
    );
}

const PURGE = [
  // Of webhooks that are deleted, or disabled for long.
  `delete from webhook_delivery where (operator_id, delivery_id) in (
    select d.operator_id, d.delivery_id from webhook w join webhook_delivery d using (operator_id, webhook_id)
    where w.status = 'deleted' or (w.status = 'failed' and d.state in (0, 1)
      and d.created_at < now() - interval '30 days') limit 5000)`,
  `delete from webhook_delivery where (operator_id, delivery_id) in (
    select operator_id, delivery_id from webhook_delivery where state = 2
    and finished_at < now() - interval '3 days' limit 5000)`,
  `delete from webhook_delivery where (operator_id, delivery_id) in (
    select operator_id, delivery_id from webhook_delivery where state = 3
    and finished_at < now() - interval '30 days' limit 5000)`,
];
const FORGET =
  "with gone as (delete from webhook w where w.status = 'deleted' and not exists (select from webhook_delivery d " +
  'where d.operator_id = w.operator_id and d.webhook_id = w.webhook_id) returning w.operator_id, w.webhook_id) ' +
  "delete from row_seal s using gone g where s.operator_id = g.operator_id and s.table_name = 'webhook' " +
  'and s.row_key = g.webhook_id::text';

/** Deletes a part of what is no longer kept. Returns whether there may be more. */
export async function purge(pool: pg.Pool): Promise<boolean> {
  let deleted = 0;
  for (const text of PURGE) deleted += (await pool.query(text)).rowCount ?? 0;
  await pool.query(FORGET);
  return deleted > 0;
}
