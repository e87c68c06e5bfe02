import { sql, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { nextId } from '../db/index.ts';
import { findRecorded, hashKey, recordFact, sealRow } from '../journal/index.ts';
import { ApiError, type OperatorNo } from '../kernel/index.ts';
import { ApiKey, sealed } from './entities.ts';
import { apiKeyCreated, apiKeyRevoked } from './facts.ts';
import { hashSecret, prefixOf } from './secret.ts';

/** Who makes a change, as recorded in the journal. */
export interface Actor {
  readonly operator: OperatorNo;
  readonly caller: string;
}

export interface NewKey {
  readonly secret: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly brandId: number | null;
  /** From when it is refused; unset: never. */
  readonly expiresAt?: Date | undefined;
}

const microsOf = (time: Date | null): bigint => (time === null ? 0n : BigInt(time.getTime()) * 1000n);

/** Creates a key and its fact in a transaction. Rejects with a unique violation if a journal key was already used. */
export async function insertApiKey(
  em: EntityManager,
  author: Actor,
  key: NewKey,
  journalKeys: readonly string[],
): Promise<ApiKey> {
  const { secret, name, brandId, expiresAt = null } = key;
  const scopes = [...key.scopes];
  const keyId = await nextId(em, 'api_key', 'key_id');
  const row = em.create(ApiKey, {
    operatorId: author.operator,
    keyId,
    name,
    scopes,
    brandId,
    prefix: prefixOf(secret),
    secretHash: hashSecret(secret),
    expiresAt,
  });
  await em.flush();
  await sealRow(em, sealed.apiKey, author.operator, keyId);
  const data = { keyId: BigInt(keyId), scopes, brandId: BigInt(brandId ?? 0), expiresAt: microsOf(expiresAt) };
  await recordFact(em, { ...author, kind: apiKeyCreated, id: keyId, data, keys: journalKeys });
  return row;
}

/** Creates a key. Throws ALREADY_EXISTS if the idempotency key was already used, and the errors of `check`. */
export async function createApiKey(
  em: EntityManager,
  author: Actor,
  key: NewKey,
  idempotencyKey: string,
  check: () => void,
): Promise<ApiKey> {
  const scope = { operator: author.operator, brand: 0, operation: 'api-key.create', userId: null };
  const journalKeys = idempotencyKey === '' ? [] : [hashKey(scope, idempotencyKey)];
  const refuseRepeated = async (): Promise<void> => {
    for (const journalKey of journalKeys) await refuseKnown(em.fork(), author.operator, journalKey);
  };
  await refuseRepeated();
  check();
  try {
    return await em.transactional((transaction) => insertApiKey(transaction, author, key, journalKeys));
  } catch (error) {
    // A concurrent duplicate was faster.
    if (error instanceof UniqueConstraintViolationException) await refuseRepeated();
    throw error;
  }
}

async function refuseKnown(em: EntityManager, operator: OperatorNo, journalKey: string): Promise<void> {
  const id = await findRecorded(em, operator, journalKey);
  if (id === undefined) return;
  throw new ApiError('ALREADY_EXISTS', 'the idempotency key was already used: the secret is not shown again', {
    details: { field: 'idempotency_key', id: String(id) },
  });
}

/** Up to `limit` keys of an operator whose numbers are below `before`, newest first. */
export function listApiKeys(
  em: EntityManager,
  operatorId: OperatorNo,
  before: number,
  limit: number,
): Promise<ApiKey[]> {
  return em.find(ApiKey, { operatorId, keyId: { $lt: before } }, { orderBy: { keyId: 'desc' }, limit });
}

/** Revokes a key; does nothing if it is already revoked. Throws API_KEY_NOT_FOUND. */
export async function revokeApiKey(em: EntityManager, author: Actor, keyId: number): Promise<ApiKey> {
  const which = { operatorId: author.operator, keyId };
  await em.transactional(async (transaction) => {
    // The statement itself decides which of two concurrent revocations records a fact.
    const valid = { ...which, revokedAt: null };
    const revoked = await transaction.nativeUpdate(ApiKey, valid, { revokedAt: sql.now() });
    if (revoked === 0) return;
    await sealRow(transaction, sealed.apiKey, author.operator, keyId);
    const data = { keyId: BigInt(keyId) };
    await recordFact(transaction, { ...author, kind: apiKeyRevoked, id: keyId, data, keys: [] });
  });
  const key = await em.findOne(ApiKey, which);
  if (key !== null) return key;
  throw new ApiError('API_KEY_NOT_FOUND', 'no such API key', { details: { key_id: String(keyId) } });
}
