import { raw, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { nextId } from '../db/index.ts';
import { findRecorded, hashKey, recordFact, sealRow } from '../journal/index.ts';
import { ApiError, type OperatorNo } from '../kernel/index.ts';
import { lockOperator, Operator, sealedTenants, type Actor } from '../tenants/index.ts';
import { hostOf } from './destination.ts';
import { sealedWebhook, Webhook, type WebhookStatus } from './entities.ts';
import {
  webhookCreated,
  webhookDeleted,
  webhookSecretChanged,
  webhookSettingsChanged,
  webhookUpdated,
} from './facts.ts';

/** How many webhooks of events an operator can have. */
const WEBHOOKS_MAX = 100;
/** How many secrets can be live. */
const SECRETS_MAX = 2;

export const notFound = (webhookId: string): ApiError =>
  new ApiError('WEBHOOK_NOT_FOUND', 'no such webhook', { details: { webhook_id: webhookId } });

const live = { $ne: 'deleted' as WebhookStatus };

/** Webhooks of an operator whose numbers are below `before`, newest first. */
export function listWebhooks(em: EntityManager, operatorId: OperatorNo, before: number, limit: number) {
  const where = { operatorId, webhookId: { $lt: before }, status: live };
  return em.find(Webhook, where, { orderBy: { webhookId: 'desc' }, limit });
}

/** Throws WEBHOOK_NOT_FOUND. */
export async function findWebhook(em: EntityManager, operatorId: OperatorNo, webhookId: number): Promise<Webhook> {
  const found = await em.findOne(Webhook, { operatorId, webhookId, status: live });
  if (found === null) throw notFound(String(webhookId));
  return found;
}

/** A key under which a secret was made: it is not shown again. */
interface OnceKey {
  readonly operation: string;
  readonly key: string;
}

/**
 * Runs a write that shows a secret. Throws ALREADY_EXISTS if its idempotency key was already used.
 * @param write gets the keys that it must record.
 */
async function onlyOnce<T>(
  em: EntityManager,
  { operator }: Actor,
  { operation, key }: OnceKey,
  write: (em: EntityManager, keys: readonly string[]) => Promise<T>,
): Promise<T> {
  const keys = key === '' ? [] : [hashKey({ operator, brand: 0, operation, userId: null }, key)];
  const refuseKnown = async (): Promise<void> => {
    for (const one of keys) {
      const id = await findRecorded(em.fork(), operator, one);
      if (id === undefined) continue;
      throw new ApiError('ALREADY_EXISTS', 'the idempotency key was already used: the secret is not shown again', {
        details: { field: 'idempotency_key', id: String(id) },
      });
    }
  };
  await refuseKnown();
  try {
    return await em.transactional((transaction) => write(transaction, keys));
  } catch (error) {
    // A concurrent duplicate was faster.
    if (error instanceof UniqueConstraintViolationException) await refuseKnown();
    throw error;
  }
}

export interface NewWebhook {
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string;
  readonly secret: string;
}

/** Creates a webhook. Throws ALREADY_EXISTS, WEBHOOK_LIMIT_REACHED, and the errors of `check`. */
export function createWebhook(
  em: EntityManager,
  author: Actor,
  { url, events, description, secret }: NewWebhook,
  key: string,
  check: () => void,
): Promise<Webhook> {
  return onlyOnce(em, author, { operation: 'webhook.create', key }, async (transaction, keys) => {
    check();
    const { operator: operatorId } = author;
    await lockOperator(transaction, operatorId);
    const count = await transaction.count(Webhook, { operatorId, kind: 'events', status: live });
    if (count >= WEBHOOKS_MAX)
      throw new ApiError('WEBHOOK_LIMIT_REACHED', `an operator has at most ${WEBHOOKS_MAX} webhooks`, {
        details: { limit: String(WEBHOOKS_MAX) },
      });
    const webhookId = await nextId(transaction, 'webhook', 'webhook_id');
    transaction.create(Webhook, {
      operatorId,
      webhookId,
      kind: 'events',
      url,
      events: [...events],
      description,
      secrets: [secret],
      status: 'active',
    });
    await transaction.flush();
    await sealRow(transaction, sealedWebhook, operatorId, webhookId);
    const data = { host: hostOf(new URL(url)), events };
    await recordFact(transaction, { ...author, kind: webhookCreated, id: webhookId, data, keys });
    return findWebhook(transaction.fork({ keepTransactionContext: true }), operatorId, webhookId);
  });
}

export interface WebhookChange {
  readonly url?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly status?: 'active' | 'paused' | undefined;
  readonly description?: string | undefined;
}

/** Changes what is given. Throws WEBHOOK_NOT_FOUND, and the errors of `check`, which sees the webhook. */
export async function updateWebhook(
  em: EntityManager,
  author: Actor,
  webhookId: number,
  change: WebhookChange,
  check: (webhook: Webhook) => void,
): Promise<Webhook> {
  const { operator } = author;
  await em.transactional(async (transaction) => {
    const webhook = await lockWebhook(transaction, operator, webhookId);
    check(webhook);
    const before = JSON.stringify([webhook.url, webhook.events, webhook.status, webhook.description]);
    if (change.url !== undefined) webhook.url = change.url;
    if (change.events !== undefined) webhook.events = [...change.events];
    if (change.description !== undefined) webhook.description = change.description;
    if (change.status !== undefined && change.status !== webhook.status) {
      if (webhook.status === 'failed') webhook.since = raw<Date>('clock_timestamp()');
      webhook.status = change.status;
      Object.assign(webhook, { failures: 0, failingSince: null, retryAt: new Date(0) });
    }
    if (before === JSON.stringify([webhook.url, webhook.events, webhook.status, webhook.description])) return;
    await transaction.flush();
    await sealRow(transaction, sealedWebhook, operator, webhookId);
    const { url, events, status, kind } = webhook;
    const data = { host: kind === 'events' ? hostOf(new URL(url)) : url, events, status };
    await recordFact(transaction, { ...author, kind: webhookUpdated, id: webhookId, data, keys: [] });
  });
  return findWebhook(em.fork(), operator, webhookId);
}

/** Throws WEBHOOK_NOT_FOUND. */
async function lockWebhook(em: EntityManager, operator: OperatorNo, webhookId: number): Promise<Webhook> {
  await em.execute('select webhook_id from webhook where operator_id = ? and webhook_id = ? for no key update', [
    operator,
    webhookId,
  ]);
  return findWebhook(em, operator, webhookId);
}

/** Deletes a webhook; its deliveries are deleted soon after. Throws WEBHOOK_NOT_FOUND. */
export async function deleteWebhook(em: EntityManager, author: Actor, webhookId: number): Promise<void> {
  await em.transactional(async (transaction) => {
    const webhook = await lockWebhook(transaction, author.operator, webhookId);
    Object.assign(webhook, { status: 'deleted', secrets: [] });
    await transaction.flush();
    await sealRow(transaction, sealedWebhook, author.operator, webhookId);
    await recordFact(transaction, { ...author, kind: webhookDeleted, id: webhookId, data: {}, keys: [] });
  });
}

/** The secrets of a webhook, or of the operator's callbacks. */
export type SecretOwner = number | 'callbacks';

/** Adds a secret. Returns how many are live. Throws ALREADY_EXISTS, WEBHOOK_NOT_FOUND, WEBHOOK_SECRET_ROTATING. */
export function rotateSecret(
  em: EntityManager,
  author: Actor,
  owner: SecretOwner,
  secret: string,
  key: string,
): Promise<number> {
  return onlyOnce(em, author, { operation: `webhook.rotate-secret/${owner}`, key }, (transaction, keys) =>
    changeSecrets(transaction, author, owner, keys, (secrets) => {
      if (secrets.length < SECRETS_MAX) return [...secrets, secret];
      throw new ApiError('WEBHOOK_SECRET_ROTATING', 'there are two secrets already', {
        details: { webhook_id: String(owner) },
      });
    }),
  );
}

/** Ends the older of two secrets. Returns how many are live. Throws WEBHOOK_NOT_FOUND. */
export function retireSecret(em: EntityManager, author: Actor, owner: SecretOwner): Promise<number> {
  return em.transactional((transaction) =>
    changeSecrets(transaction, author, owner, [], (secrets) => secrets.slice(-1)),
  );
}

async function changeSecrets(
  em: EntityManager,
  author: Actor,
  owner: SecretOwner,
  keys: readonly string[],
  change: (secrets: readonly string[]) => string[],
): Promise<number> {
  const { operator: operatorId } = author;
  const lock = () => lockOperator(em, operatorId).then(() => em.findOneOrFail(Operator, { operatorId }));
  const row = owner === 'callbacks' ? await lock() : await lockWebhook(em, operatorId, owner);
  // A callback's webhook has no secret of its own: the operator's signs.
  if (row instanceof Webhook && row.kind === 'callback') throw notFound(String(owner));
  const secrets = row instanceof Webhook ? row.secrets : row.callbackSecrets;
  const changed = change(secrets);
  if (changed.length === secrets.length) return changed.length;
  Object.assign(row, row instanceof Webhook ? { secrets: changed } : { callbackSecrets: changed });
  await em.flush();
  if (row instanceof Webhook) await sealRow(em, sealedWebhook, operatorId, row.webhookId);
  else await sealRow(em, sealedTenants.operator, operatorId);
  const id = owner === 'callbacks' ? 0 : owner;
  await recordFact(em, { ...author, kind: webhookSecretChanged, id, data: { live: changed.length }, keys });
  return changed.length;
}

/** Replaces the registered hosts. */
export async function replaceHosts(em: EntityManager, author: Actor, hosts: readonly string[]): Promise<Operator> {
  const { operator: operatorId } = author;
  return em.transactional(async (transaction) => {
    await lockOperator(transaction, operatorId);
    const row = await transaction.findOneOrFail(Operator, { operatorId });
    if (JSON.stringify(row.webhookHosts) === JSON.stringify(hosts)) return row;
    row.webhookHosts = [...hosts];
    await transaction.flush();
    await sealRow(transaction, sealedTenants.operator, operatorId);
    await recordFact(transaction, { ...author, kind: webhookSettingsChanged, id: 0, data: { hosts }, keys: [] });
    return row;
  });
}
