import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { defineEntity, p, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { MikroORM } from '@mikro-orm/postgresql';
import { ConfigError } from './config.ts';
import { column } from './db/index.ts';
import { MasterKeys } from './fairness/index.ts';
import { sealedTable, sealRow, type Epoch } from './journal/index.ts';
import { deriveKey, keyAt, type KeySource, type MasterKey } from './master-keys.ts';
import { Tokens } from './tenants/index.ts';

/** The master keys that a database was used with: enough to recognize each, and no more. */
export const MasterKeySchema = defineEntity({
  name: 'MasterKey',
  tableName: 'master_key',
  properties: {
    id: p.text().primary(),
    /** 64 hex digits. */
    fingerprint: p.text(),
    /** From when new streams use it. */
    usedFrom: column.time(),
  },
});

export const sealedMasterKey = sealedTable(MasterKeySchema);

/** How often it is looked whether the time of the next key has come. */
const EACH_MS = 1000;
/** No token is valid for longer. */
const TOKEN_MS = 24 * 3_600_000;

const NEEDED = 'seeds of this database were published under it';

interface Host {
  readonly source: KeySource;
  readonly orm: MikroORM;
  /** The password of root; unset or null: there is no root. */
  readonly root?: string | null;
  /** Tells that keys could not be read again, once for each reason in a row; the known ones stay in use. */
  fault(error: unknown): void;
}

/** The master keys of a server, and what is derived from them. */
export class KeyRing {
  readonly #host: Host;
  readonly #known = new Map<string, MasterKey>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #rounds = 0;
  #told = '';
  readonly #closing = new AbortController();
  readonly #signing = new Map<string, KeyObject>();
  /** For seeds. */
  readonly seeds: MasterKeys;
  readonly tokens: Tokens;
  /** The oldest key, for what must never change. */
  readonly first: Buffer;

  private constructor(host: Host, keys: readonly MasterKey[], epoch: Epoch) {
    this.#host = host;
    this.first = keys[0]!.key;
    this.seeds = seedKeys(keys, epoch);
    this.tokens = new Tokens(deriveKey(keyAt(keys, Date.now()).key, 'auth'), [], host.root);
    this.#take(keys);
    this.#wait();
  }

  /** Throws a ConfigError if a key is missing that the database was used with, or is another one. */
  static async open(host: Host, epoch: Epoch): Promise<KeyRing> {
    const keys = await host.source.read();
    await admit(host.orm, keys, true);
    return new KeyRing(host, keys, epoch);
  }

  /** Signs a receipt with the key of the moment. */
  sign(message: string): { readonly keyId: string; readonly signature: Buffer } {
    const keyId = this.seeds.currentId;
    return { keyId, signature: sign(null, Buffer.from(message), this.#signing.get(keyId)!) };
  }

  /** The keys that secrets of webhooks are derived from. */
  webhookKeys(): { readonly currentId: string; key(id: string): Buffer } {
    const [seeds, known] = [this.seeds, this.#known];
    return {
      get currentId() {
        return seeds.currentId;
      },
      key(id) {
        const master = known.get(id);
        if (master === undefined) throw new Error(`master key ${id} is not known yet`);
        return deriveKey(master.key, 'webhook');
      },
    };
  }

  /** The public keys of receipts, oldest first. */
  receiptKeys(): ReceiptKey[] {
    return [...this.#known.values()]
      .sort((a, b) => a.from - b.from)
      .map(({ id, from }) => ({ id, from, publicKey: rawPublicKey(this.#signing.get(id)!) }));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#round;
  }

  #wait(): void {
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(
      () => {
        this.#round = this.#again()
          .catch((error: unknown) => this.#tell(error as Error))
          .finally(() => this.#wait());
      },
      Math.min(EACH_MS, this.#host.source.everyMs ?? EACH_MS),
    ).unref();
  }

  #tell(error: Error): void {
    if (this.#told === error.message || this.#closing.signal.aborted) return;
    this.#told = error.message;
    this.#host.fault(error);
  }

  /** Takes keys that were added, and changes to the one whose time has come. */
  async #again(): Promise<void> {
    const { source, orm } = this.#host;
    this.#take([]);
    this.#rounds += 1;
    if (source.everyMs === null || this.#rounds % Math.ceil(source.everyMs / EACH_MS) !== 0) return;
    const keys = await source.read(this.#closing.signal);
    for (const { id, key } of this.#known.values()) {
      const given = keys.find((one) => one.id === id);
      if (given === undefined) throw new ConfigError(`master key ${id} is missing: ${NEEDED}`);
      if (!given.key.equals(key)) throw new ConfigError(`master key ${id} is another one: ${NEEDED}`);
    }
    if (keys.some(({ id }) => !this.#known.has(id))) await admit(orm, keys, false);
    this.#take(keys);
    this.#told = '';
  }

  #take(keys: readonly MasterKey[]): void {
    for (const key of keys) {
      if (this.#known.has(key.id)) continue;
      this.seeds.add(key.id, deriveKey(key.key, 'fairness'));
      this.#signing.set(key.id, receiptKey(key));
      this.#known.set(key.id, key);
    }
    const all = [...this.#known.values()].sort((a, b) => a.from - b.from);
    const current = keyAt(all, Date.now());
    this.seeds.use(current.id);
    // Every key proves tokens from before it is used, so that no server is behind, until the last of them is expired.
    this.tokens.use(
      deriveKey(current.key, 'auth'),
      all.map(({ key }, i) => ({
        secret: deriveKey(key, 'auth'),
        untilMs: (all[i + 1]?.from ?? Infinity) + TOKEN_MS,
      })),
    );
  }
}

/** The keys that seeds are derived from. */
export function seedKeys(keys: readonly MasterKey[], epoch: Epoch): MasterKeys {
  const derived = keys.map(({ id, key }) => [id, deriveKey(key, 'fairness')] as const);
  return new MasterKeys(derived, keyAt(keys, Date.now()).id, epoch);
}

/** A key that receipts can be checked with. */
export interface ReceiptKey {
  readonly id: string;
  /** From when it is used, in milliseconds since 1970. */
  readonly from: number;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Buffer;
}

/** What stands before the 32 bytes of a private key of Ed25519 in PKCS #8. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Derived, as all others: so servers that share the master keys share it, and it rotates with them. */
const receiptKey = ({ key }: MasterKey): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, deriveKey(key, 'receipt')]), format: 'der', type: 'pkcs8' });

/** What receipts of a master key are checked with. */
export const receiptPublicKey = (key: MasterKey): KeyObject => createPublicKey(receiptKey(key));

const rawPublicKey = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);

const fingerprintOf = ({ key }: MasterKey): string =>
  createHash('sha256').update(deriveKey(key, 'fingerprint')).digest('hex');

/** Compares keys with those that the database knows, and notes new ones. @param all whether all of them are needed. */
async function admit(orm: MikroORM, keys: readonly MasterKey[], all: boolean): Promise<void> {
  const known = await compare(orm, keys, all);
  const added = keys.filter(({ id }) => !known.has(id));
  for (const key of added) {
    const row = { id: key.id, fingerprint: fingerprintOf(key), usedFrom: key.from * 1000 };
    await orm.em
      .fork()
      .transactional(async (em) => {
        await em.insert(MasterKeySchema, row);
        await sealRow(em, sealedMasterKey, 0, key.id);
      })
      .catch((error: unknown) => {
        if (!(error instanceof UniqueConstraintViolationException)) throw error;
      });
  }
  // Another server may have been first, with another key of the same id.
  if (added.length > 0) await compare(orm, keys, all);
}

/** Throws a ConfigError if a key is missing that the database was used with, or is another one. Writes nothing. */
export const requireKeys = async (orm: MikroORM, keys: readonly MasterKey[]): Promise<void> => {
  await compare(orm, keys, true);
};

/** The ids that the database knows. Throws a ConfigError if a key of them is another one, or missing. */
async function compare(orm: MikroORM, keys: readonly MasterKey[], all: boolean): Promise<ReadonlySet<string>> {
  const known = await orm.em.fork().find(MasterKeySchema, {});
  for (const { id, fingerprint } of known) {
    const given = keys.find((key) => key.id === id);
    if (given === undefined && all) throw new ConfigError(`master key ${id} is missing: ${NEEDED}`);
    if (given !== undefined && fingerprintOf(given) !== fingerprint)
      throw new ConfigError(`master key ${id} is not the one that this database was used with`);
  }
  return new Set(known.map(({ id }) => id));
}
