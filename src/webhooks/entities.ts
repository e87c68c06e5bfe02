import { defineEntity, p } from '@mikro-orm/core';
import { sealedTable } from '../journal/index.ts';

/** Statuses of a webhook. A deleted one stays until its deliveries are deleted. */
export type WebhookStatus = 'active' | 'paused' | 'failed' | 'deleted';

/** A destination of events; or of callbacks, one for each registered host that was ever called back. */
export const WebhookSchema = defineEntity({
  name: 'Webhook',
  tableName: 'webhook',
  properties: {
    operatorId: p.bigint('number').primary(),
    webhookId: p.bigint('number').primary().autoincrement(),
    kind: p.text().$type<'events' | 'callback'>(),
    /** For callbacks the registered host. */
    url: p.text(),
    /** Patterns of types of events. */
    events: p.array(),
    status: p.text().$type<WebhookStatus>().default('active'),
    description: p.text().default(''),
    /** The live secrets, oldest first, as `secrets.ts` stores them. */
    secrets: p.array().hidden(),
    /** How many tries have failed since one has succeeded. */
    failures: p.integer().default(0),
    failingSince: p.datetime(6).nullable(),
    /** Until when nothing is sent. */
    retryAt: p.datetime(6).defaultRaw("'1970-01-01 00:00:00+00'"),
    createdAt: p.datetime(6).defaultRaw('clock_timestamp()'),
    /** It gets what happens from then on: its creation, or when it was last enabled. */
    since: p.datetime(6).defaultRaw('clock_timestamp()'),
  },
  uniques: [
    {
      name: 'webhook_callback',
      properties: ['operatorId', 'url'] as const,
      where: "kind = 'callback' and status <> 'deleted'",
    },
  ] as never,
});

/** States of a delivery; the numbers are stored. `queued` waits for the one before it, of the same aggregate. */
export const deliveryState = { queued: 0, due: 1, delivered: 2, failed: 3 } as const;

/** An event on its way to a webhook. */
export const DeliverySchema = defineEntity({
  name: 'WebhookDelivery',
  tableName: 'webhook_delivery',
  properties: {
    operatorId: p.bigint('number').primary(),
    deliveryId: p.bigint('number').primary().autoincrement(),
    webhookId: p.bigint('number'),
    eventId: p.text(),
    type: p.text(),
    /** Empty: its order does not matter. */
    aggregate: p.text(),
    sequence: p.bigint('number'),
    eventTime: p.datetime(6),
    /** Where a callback goes; empty: to the webhook's URL. */
    url: p.text().default(''),
    body: p.text(),
    state: p.smallint(),
    tries: p.smallint().default(0),
    lastStatus: p.smallint().default(0),
    lastError: p.text().default(''),
    /** When it is tried; while it is being tried, when it is taken from a process that is gone. */
    nextAt: p.datetime(6).defaultRaw('clock_timestamp()'),
    createdAt: p.datetime(6).defaultRaw('clock_timestamp()'),
    finishedAt: p.datetime(6).nullable(),
  },
  uniques: [{ name: 'webhook_delivery_event', properties: ['operatorId', 'webhookId', 'eventId'] }],
  indexes: [
    { name: 'webhook_delivery_list', properties: ['operatorId', 'webhookId', 'deliveryId'] },
    { name: 'webhook_delivery_due', properties: ['operatorId', 'webhookId', 'nextAt'], where: 'state = 1' },
    {
      name: 'webhook_delivery_open',
      properties: ['operatorId', 'webhookId', 'aggregate', 'sequence'],
      where: 'state in (0, 1)',
    },
    { name: 'webhook_delivery_finished', properties: ['state', 'finishedAt'], where: 'state in (2, 3)' },
  ] as never,
});

/** Whoever writes a row seals it. What tries have shown lately is not sealed. */
export const sealedWebhook = sealedTable(WebhookSchema, ['failures', 'failingSince', 'retryAt']);

export class Webhook extends WebhookSchema.class {}
WebhookSchema.setClass(Webhook);
export class WebhookDelivery extends DeliverySchema.class {}
DeliverySchema.setClass(WebhookDelivery);

export const webhookEntities = [WebhookSchema, DeliverySchema];
