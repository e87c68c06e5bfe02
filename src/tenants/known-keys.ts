import { sql } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Reads } from '../db/index.ts';
import type { Caller } from '../kernel/index.ts';
import { ApiKey } from './entities.ts';
import { ReadThrough } from './read-through.ts';
import { hashSecret, isSecret } from './secret.ts';

/** A revocation on another server takes effect within this time, as the contract promises. */
const FOUND_MS = 5000;
/** If a key was tried before it was created, it works on other servers after this time. */
const MISSING_MS = 1000;
const KEYS_MAX = 50_000;
/** A key by its hash takes 1 ms: a read that takes this long hangs on a broken connection. */
const QUICK_MS = 2000;

interface KnownKey {
  readonly caller: Caller;
  /** Milliseconds since 1970; Infinity: it does not expire. */
  readonly untilMs: number;
}

/** A cache of recently used API keys: the caller that each secret proves. */
export class KnownKeys {
  readonly #keys: ReadThrough<string, KnownKey>;

  constructor(reads: Reads) {
    this.#keys = new ReadThrough<string, KnownKey>({
      read: (secrets) => reads((em) => readKeys(em, secrets), QUICK_MS),
      foundMs: FOUND_MS,
      missingMs: MISSING_MS,
      sizeMax: KEYS_MAX,
    });
  }

  /**
   * The caller that a secret proves; undefined if it is unknown, revoked or expired. No promise if it is cached.
   * @param before is called before a secret is looked up that was never a key. What it throws is thrown.
   */
  caller(secret: string, before?: () => void): Caller | undefined | Promise<Caller | undefined> {
    if (!isSecret(secret)) return undefined;
    const key = this.#keys.get(secret, before);
    return key instanceof Promise ? key.then(callerOf) : callerOf(key);
  }

  /** Clears the cache: later calls see the current state of the database. */
  clear(): void {
    this.#keys.clear();
  }
}

const callerOf = (key: KnownKey | undefined): Caller | undefined =>
  key !== undefined && Date.now() < key.untilMs ? key.caller : undefined;

async function readKeys(em: EntityManager, secrets: readonly string[]): Promise<Map<string, KnownKey>> {
  const secretOf = new Map(secrets.map((secret) => [hashSecret(secret).toString('hex'), secret]));
  // By the database's clock, and while a key is cached by this server's: the later of the two ends it no later.
  const keys = await em.find(ApiKey, {
    secretHash: { $in: secrets.map(hashSecret) },
    revokedAt: null,
    $or: [{ expiresAt: null }, { expiresAt: { $gt: sql.now() } }],
  });
  return new Map(
    keys.map(({ secretHash, operatorId, keyId, brandId, scopes, expiresAt }) => [
      secretOf.get(Buffer.from(secretHash).toString('hex'))!,
      {
        caller: {
          role: 'service',
          operator: operatorId,
          brand: brandId ?? null,
          scopes: new Set(scopes),
          userId: null,
          name: `key:${keyId}`,
        },
        untilMs: expiresAt?.getTime() ?? Infinity,
      },
    ]),
  );
}
