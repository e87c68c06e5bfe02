import type {
  Delivery as DeliveryMessage,
  Webhook as WebhookMessage,
  WebhookSettings,
} from '../../../gen/ts/windfall/webhook/v1/webhook.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Caller } from '../../kernel/index.ts';
import { Operator, type Actor } from '../../tenants/index.ts';
import { deliveryState, type Backlog, type Webhook, type WebhookDelivery } from '../../webhooks/index.ts';

/** Who makes a change, for the journal. */
export const authorOf = ({ operator, name }: Caller): Actor => ({ operator, caller: name });

/** The message of a webhook. @param secrets how many are live. */
export function webhookMessage(webhook: Webhook, { waiting, oldest }: Backlog, secrets: number): WebhookMessage {
  const { webhookId, kind, url, events, status, description, failures, createdAt } = webhook;
  return {
    kind,
    url,
    events,
    status,
    description,
    secrets,
    waiting,
    failures,
    webhookId: String(webhookId),
    oldestWaitingTime: oldest ?? undefined,
    createTime: createdAt,
  };
}

const WAITING: ReadonlySet<number> = new Set([deliveryState.queued, deliveryState.due]);

/** The message of a delivery. */
export function deliveryMessage(delivery: WebhookDelivery): DeliveryMessage {
  const { deliveryId, eventId, type, aggregate, sequence, state, tries, lastStatus, lastError } = delivery;
  return {
    eventId,
    eventType: type,
    aggregate,
    tries,
    lastStatus,
    deliveryId: String(deliveryId),
    sequence: BigInt(sequence),
    state: WAITING.has(state) ? 'waiting' : state === deliveryState.delivered ? 'delivered' : 'failed',
    lastError: lastError || undefined,
    nextTryTime: state === deliveryState.due ? delivery.nextAt : undefined,
    eventTime: delivery.eventTime,
    finishTime: delivery.finishedAt ?? undefined,
  };
}

/** The message of an operator's settings. */
export const settingsMessage = ({ webhookHosts, webhookHttp, webhookPrivate }: Operator): WebhookSettings => ({
  hosts: webhookHosts,
  http: webhookHttp,
  privateNetworks: webhookPrivate,
});

/** The settings as they are now, not as they are cached: a host that was just registered works at once. */
export const settingsOf = async (orm: MikroORM, { operator: operatorId }: Caller): Promise<WebhookSettings> =>
  settingsMessage(await orm.em.fork().findOneOrFail(Operator, { operatorId }));
