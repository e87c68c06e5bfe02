import type { EntityManager } from '@mikro-orm/postgresql';
import type { Reads } from '../db/index.ts';
import type { Caller } from '../kernel/index.ts';
import { ApiKey } from './entities.ts';
import { ReadThrough } from './read-through.ts';
import { hashSecret, isSecret } from './secret.ts';

/** A revocation on another server acts within this time: the contract says so. */
const FOUND_MS = 5000;
/** A key that was asked for before it was made works elsewhere after this time. */
const MISSING_MS = 1000;
const KEYS_MAX = 50_000;
/** A key by its hash takes 1 ms: what takes this long hangs on a connection that is gone. */
const QUICK_MS = 2000;

/** The API keys that were used lately, by their secrets, with whom they prove. */
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

  /** Whom a secret proves: nobody if it is unknown or revoked. Without a promise where it is known. */
  caller(secret: string): Caller | undefined | Promise<Caller | undefined> {
    return isSecret(secret) ? this.#callers.get(secret) : undefined;
  }

  /** Forgets all of them: what is asked for from now on is as the database has it now. */
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
