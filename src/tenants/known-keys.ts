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

/** A cache of recently used API keys: the caller that each secret proves. */
export class KnownKeys {
  readonly #callers: ReadThrough<string, Caller>;

  constructor(reads: Reads) {
    this.#callers = new ReadThrough<string, Caller>({
      read: (secrets) => reads((em) => readCallers(em, secrets), QUICK_MS),
      foundMs: FOUND_MS,
      missingMs: MISSING_MS,
      sizeMax: KEYS_MAX,
    });
  }

  /**
   * The caller that a secret proves; undefined if it is unknown or revoked. No promise if it is cached.
   * @param before is called before a secret is looked up that was never a key. What it throws is thrown.
   */
  caller(secret: string, before?: () => void): Caller | undefined | Promise<Caller | undefined> {
    return isSecret(secret) ? this.#callers.get(secret, before) : undefined;
  }

  /** Clears the cache: later calls see the current state of the database. */
  clear(): void {
    this.#callers.clear();
  }
}

async function readCallers(em: EntityManager, secrets: readonly string[]): Promise<Map<string, Caller>> {
  const secretOf = new Map(secrets.map((secret) => [hashSecret(secret).toString('hex'), secret]));
  const keys = await em.find(ApiKey, { secretHash: { $in: secrets.map(hashSecret) }, revokedAt: null });
  return new Map(
    keys.map(({ secretHash, operatorId, keyId, brandId, scopes }) => [
      secretOf.get(Buffer.from(secretHash).toString('hex'))!,
      {
        role: 'service',
        operator: operatorId,
        brand: brandId ?? null,
        scopes: new Set(scopes),
        userId: null,
        name: `key:${keyId}`,
      },
    ]),
  );
}
