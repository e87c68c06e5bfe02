import type { EntityManager } from '@mikro-orm/postgresql';
import { readTime } from '../db/index.ts';
import { readText, recordFact } from '../journal/index.ts';
import { ApiError, type OperatorNo } from '../kernel/index.ts';
import type { Actor } from '../tenants/index.ts';
import { findWebhook } from './admin.ts';
import { deliveryState, WebhookDelivery } from './entities.ts';
import { eventsRedelivered } from './facts.ts';

/** How many deliveries one call sends again. */
const REDELIVERED_MAX = 10_000;
const COUNTED_MAX = 10_000;

export type ShownState = 'waiting' | 'delivered' | 'failed';
const STATES: Readonly<Record<ShownState, readonly number[]>> = {
  waiting: [deliveryState.queued, deliveryState.due],
  delivered: [deliveryState.delivered],
  failed: [deliveryState.failed],
};

/** Deliveries of a webhook whose numbers are below `before`, newest first. @param state undefined: all. */
export function listDeliveries(
  em: EntityManager,
  { operator, webhookId, state }: Which,
  before: number,
  limit: number,
): Promise<WebhookDelivery[]> {
  const narrowed = state === undefined ? {} : { state: { $in: [...STATES[state]] } };
  return em.find(
    WebhookDelivery,
    { operatorId: operator, webhookId, deliveryId: { $lt: before }, ...narrowed },
    { orderBy: { deliveryId: 'desc' }, limit },
  );
}

interface Which {
  readonly operator: OperatorNo;
  readonly webhookId: number;
  readonly state: ShownState | undefined;
}

/** What waits for a webhook. */
export interface Backlog {
  /** Counted up to 10,000. */
  readonly waiting: number;
  readonly oldest: Date | null;
}

const BACKLOGS = `select w.id, c.waiting, o.created_at from unnest($2::int8[]) as w(id)
cross join lateral (select count(*) as waiting from (select from webhook_delivery d where d.operator_id = $1
  and d.webhook_id = w.id and d.state in (0, 1) limit ${COUNTED_MAX}) x) c
left join lateral (select d.created_at from webhook_delivery d where d.operator_id = $1 and d.webhook_id = w.id
  and d.state in (0, 1) order by d.delivery_id limit 1) o on true`;

/** The backlogs of webhooks, by number. */
export async function backlogsOf(
  em: EntityManager,
  operator: OperatorNo,
  webhookIds: readonly number[],
): Promise<Map<number, Backlog>> {
  type Columns = { readonly id: string; readonly waiting: string; readonly created_at: string | null };
  const rows = await readText<Columns>(em, BACKLOGS, [operator, webhookIds]);
  return new Map(
    rows.map(({ id, waiting, created_at: oldest }) => [
      Number(id),
      { waiting: Number(waiting), oldest: oldest === null ? null : new Date(readTime(oldest) / 1000) },
    ]),
  );
}

/** Which finished deliveries are sent again: one, or those of events since a time. */
export type Selection = { readonly deliveryId: number } | { readonly since: Date; readonly includeDelivered: boolean };

/** Sends finished deliveries again. Throws WEBHOOK_NOT_FOUND, DELIVERY_NOT_FOUND. */
export async function redeliver(
  em: EntityManager,
  author: Actor,
  webhookId: number,
  selection: Selection,
): Promise<{ redelivered: number; more: boolean }> {
  const { operator } = author;
  return em.transactional(async (transaction) => {
    await findWebhook(transaction, operator, webhookId);
    // The same order as in recording and finishing: see LOCK there.
    await transaction.execute(
      'select webhook_id from webhook where operator_id = ? and webhook_id = ? for no key update',
      [operator, webhookId],
    );
    if ('deliveryId' in selection) await requireDelivery(transaction, operator, webhookId, selection.deliveryId);
    const [text, values] = reset(operator, webhookId, selection);
    const rows = await transaction.execute<{ aggregate: string }[]>(text, values);
    const aggregates = [...new Set(rows.map(({ aggregate }) => aggregate))];
    await transaction.execute(PROMOTE, [operator, webhookId, JSON.stringify(aggregates)]);
    const redelivered = rows.length;
    if (redelivered > 0)
      await recordFact(transaction, {
        ...author,
        kind: eventsRedelivered,
        id: webhookId,
        data: { deliveries: redelivered },
        keys: [],
      });
    return { redelivered, more: redelivered === REDELIVERED_MAX };
  });
}

async function requireDelivery(em: EntityManager, operatorId: OperatorNo, webhookId: number, deliveryId: number) {
  if ((await em.count(WebhookDelivery, { operatorId, webhookId, deliveryId })) > 0) return;
  throw new ApiError('DELIVERY_NOT_FOUND', 'no such delivery', { details: { delivery_id: String(deliveryId) } });
}

/** Those without an order are due at once, the others after `PROMOTE`. */
function reset(operator: OperatorNo, webhookId: number, selection: Selection): [string, unknown[]] {
  const states = 'deliveryId' in selection || selection.includeDelivered ? '2, 3' : '3';
  const which = 'deliveryId' in selection ? 'd.delivery_id = ?' : 'd.event_time >= ?';
  const text =
    "update webhook_delivery set state = case aggregate when '' then 1 else 0 end, tries = 0, finished_at = null, " +
    'next_at = clock_timestamp() where operator_id = ? and delivery_id in (select d.delivery_id ' +
    'from webhook_delivery d ' +
    `where d.operator_id = ? and d.webhook_id = ? and d.state in (${states}) and ${which} ` +
    `order by d.delivery_id limit ${REDELIVERED_MAX}) returning aggregate`;
  const value = 'deliveryId' in selection ? selection.deliveryId : selection.since;
  return [text, [operator, operator, webhookId, value]];
}

const PROMOTE = `update webhook_delivery d set state = 1 from (
  select distinct on (o.aggregate) o.operator_id, o.webhook_id, o.delivery_id, o.aggregate from webhook_delivery o
  where o.operator_id = ? and o.webhook_id = ? and o.state in (0, 1) and o.aggregate <> ''
  and o.aggregate in (select jsonb_array_elements_text(?::jsonb))
  order by o.aggregate, o.sequence, o.delivery_id
) f where d.operator_id = f.operator_id and d.delivery_id = f.delivery_id and d.state = 0 and not exists (
  select from webhook_delivery x where x.operator_id = f.operator_id and x.webhook_id = f.webhook_id
  and x.aggregate = f.aggregate and x.state = 1)`;
