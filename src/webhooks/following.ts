import { matches, readCallbacks, readSubscribed, type Events, type Rendered } from '../events/index.ts';
import { sealing, sealRow, type Execute, type Projection } from '../journal/index.ts';
import { chain, type OperatorNo } from '../kernel/index.ts';
import type { Directory } from '../tenants/index.ts';
import { findDestination } from './destination.ts';
import { sealedWebhook } from './entities.ts';

/** The name of the follower that records deliveries. */
export const DELIVERIES = 'events';

interface Host {
  readonly events: Events;
  readonly tenants: Directory;
  /** Called when there are new deliveries. */
  recorded(): void;
}

/** A webhook that may get events. */
interface Subscription {
  readonly id: string;
  readonly events: readonly string[];
  /** Microseconds since 1970. */
  readonly since: number;
}

/**
 * Records the deliveries of events and callbacks, in the transaction that moves the cursor: so each event is recorded
 * once for each webhook, whatever is killed.
 */
export function recordDeliveries(host: Host): Projection {
  return {
    name: DELIVERIES,
    async step(params, execute) {
      const [operator] = params;
      const { kinds } = host.events;
      const alone = await readCallbacks(execute, params, kinds);
      const { count, last, facts } = alone.count > 0 ? alone : await readSubscribed(execute, params, kinds);
      const rendered = await host.events.render(operator, facts);
      if (rendered.length > 0 && (await record(host, operator, rendered, execute))) host.recorded();
      return { count, last };
    },
  };
}

/** Returns whether there was anything to record. */
async function record(host: Host, operator: OperatorNo, all: readonly Rendered[], execute: Execute): Promise<boolean> {
  const subscriptions = await readSubscriptions(operator, execute);
  const events = all.filter(({ url }) => url === '');
  const deliveries = subscriptions.flatMap(({ id, events: patterns, since }) =>
    events
      .filter(({ type, time }) => time >= since && patterns.some((pattern) => matches(pattern, type)))
      .map((event) => ({ ...event, webhook: id })),
  );
  for (const callback of all.filter(({ url }) => url !== '')) {
    const webhook = await callbackWebhook(host, operator, callback.url, execute);
    deliveries.push({ ...callback, aggregate: '', webhook });
  }
  if (deliveries.length > 0) await insert(operator, deliveries, execute);
  return deliveries.length > 0;
}

async function readSubscriptions(operator: OperatorNo, execute: Execute): Promise<Subscription[]> {
  const rows = await execute(
    'select webhook_id, array_to_json(events), (extract(epoch from since) * 1000000)::int8 from webhook ' +
      "where operator_id = $1 and kind = 'events' and status in ('active', 'paused')",
    [operator],
  );
  return rows.map(([id, events, since]) => ({
    id: id!,
    events: JSON.parse(events!) as string[],
    since: Number(since),
  }));
}

/**
 * The webhook of callbacks to an URL: one for each registered host, made when it is first needed. An URL that is no
 * longer allowed gets one, too, so that what becomes of its callback can be seen.
 */
async function callbackWebhook(
  { tenants }: Host,
  operator: OperatorNo,
  url: string,
  execute: Execute,
): Promise<string> {
  const found = findDestination(url, (await chain(tenants.of(operator), (tenant) => tenant)).webhooks);
  const host = typeof found === 'string' ? '' : found.host;
  const [made] = await execute(
    "insert into webhook (operator_id, kind, url, events, secrets) values ($1, 'callback', $2, '{}', '{}') " +
      "on conflict (operator_id, url) where kind = 'callback' and status <> 'deleted' do nothing returning webhook_id",
    [operator, host],
  );
  if (made !== undefined) await sealRow(sealing(execute), sealedWebhook, operator, made[0]);
  const [row] = await execute(
    "select webhook_id from webhook where operator_id = $1 and kind = 'callback' and status <> 'deleted' and url = $2",
    [operator, host],
  );
  return row![0]!;
}

// Who finishes a delivery makes the next one of its aggregate due. Both lock the webhook first, in a statement of its
// own, so that each sees what the other has written.
const LOCK =
  'select webhook_id from webhook where operator_id = $1 and webhook_id = any($2::int8[]) ' +
  'order by webhook_id for no key update';
const INSERT = `insert into webhook_delivery (operator_id, webhook_id, event_id, type, aggregate, sequence, event_time,
  url, body, state)
select $1, x.webhook_id, x.event_id, x.type, x.aggregate, x.sequence, 'epoch'::timestamptz + x.time * interval '1 us',
  x.url, x.body, case when x.aggregate = '' or x.nth = 1 and not exists (
    select from webhook_delivery d where d.operator_id = $1 and d.webhook_id = x.webhook_id
    and d.aggregate = x.aggregate and d.state in (0, 1)) then 1 else 0 end
from (
  select u.*, row_number() over (partition by u.webhook_id, u.aggregate order by u.sequence) as nth
  from unnest($2::int8[], $3::text[], $4::text[], $5::text[], $6::int8[], $7::int8[], $8::text[], $9::text[])
    as u(webhook_id, event_id, type, aggregate, sequence, time, url, body)
) x order by x.webhook_id, x.sequence
on conflict (operator_id, webhook_id, event_id) do nothing`;

async function insert(
  operator: OperatorNo,
  deliveries: readonly (Rendered & { readonly webhook: string })[],
  execute: Execute,
): Promise<void> {
  const column = <K extends keyof (typeof deliveries)[number]>(key: K) => deliveries.map((one) => one[key]);
  await execute(LOCK, [operator, [...new Set(column('webhook'))]]);
  await execute(INSERT, [
    operator,
    column('webhook'),
    column('id'),
    column('type'),
    column('aggregate'),
    column('sequence'),
    column('time'),
    column('url'),
    column('body'),
  ]);
}
