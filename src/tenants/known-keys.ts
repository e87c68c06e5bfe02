import { patiently, type Sql } from '../db/index.ts';
import type { Caller } from '../kernel/index.ts';
import { ReadThrough } from './read-through.ts';
import { hashSecret, isSecret } from './secret.ts';

/** A revocation on another server acts within this time: the contract says so. */
const FOUND_MS = 5000;
/** A key that was asked for before it was made works elsewhere after this time. */
const MISSING_MS = 1000;
const KEYS_MAX = 50_000;

/** The API keys that were used lately, by their secrets, with whom they prove. */
export class KnownKeys {
  readonly #callers: ReadThrough<string, Caller>;

  constructor(sql: Sql) {
    this.#callers = new ReadThrough<string, Caller>({
      read: (secrets) => patiently(() => readCallers(sql, secrets)),
      foundMs: FOUND_MS, missingMs: MISSING_MS, sizeMax: KEYS_MAX,
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

async function readCallers(sql: Sql, secrets: readonly string[]): Promise<Map<string, Caller>> {
  const secretOf = new Map(secrets.map((secret) => [hashSecret(secret).toString('hex'), secret]));
  const rows = await sql(
    "select encode(secret_hash, 'hex'), operator_id, key_id, brand_id, array_to_string(scopes, ' ') "
    + 'from api_key where revoked_at is null and '
    + "secret_hash in (select decode(hash, 'hex') from unnest($1::text[]) as hash)",
    [[...secretOf.keys()]],
  );
  return new Map(rows.map(([hash, operator, keyId, brandId, scopes]) => [secretOf.get(hash!)!, {
    role: 'service',
    operator: Number(operator),
    brand: brandId === null ? null : Number(brandId),
    scopes: new Set(scopes!.split(' ').filter(Boolean)),
    userId: null,
    name: `key:${keyId}`,
  }]));
}
