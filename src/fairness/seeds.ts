import { hash, randomBytes } from 'node:crypto';

import type { Epoch } from '../journal/index.ts';
import { HmacKey } from './hmac.ts';

/**
 * What a stream's seeds are for: a player's own draws, a raffle, the hits of a jackpot, or the hidden
 * triggers of one pot. Triggers have a separate stream, so that no other reveal discloses a live trigger.
 */
export type StreamKind = 'player' | 'raffle' | 'jackpot' | 'pot';

const STREAM = /^(player|raffle|jackpot|pot)\/[0-9a-f]{32}(?:-[1-9]\d{0,15})?$/;
const KEY_BYTES = 32;
const FIRST: Epoch = { number: 1, startedAt: 0 };

/**
 * A new stream's name, `<kind>/<32 random hex digits>`, as its row has it: random, so that a restored backup that does
 * not have the stream cannot repeat its seeds.
 */
export function newStream(kind: StreamKind): string {
  return `${kind}/${randomBytes(16).toString('hex')}`;
}

/**
 * The full name of a stream, `<kind>/<32 hex digits>-<epoch>`, of which its seeds are made: each epoch of a database
 * has other seeds. A name that has an epoch already keeps it.
 */
export const fullStream = (name: string, { number }: Pick<Epoch, 'number'>): string =>
  name.includes('-') ? name : `${name}-${number}`;

/** The kind of the stream with this name, full or not; undefined: not the name of a stream. */
export function streamKind(stream: string): StreamKind | undefined {
  return STREAM.exec(stream)?.[1] as StreamKind | undefined;
}

/**
 * The secrets that all server seeds are derived from, by id. There may be several, so that the key can be rotated: a
 * seed whose hash was published is derived from the key it was published under. They are in private fields: logging
 * the object does not reveal them.
 */
export class MasterKeys {
  #currentId: string;
  /** The epoch in force, of which all seeds are that are not used yet. */
  readonly epoch: Epoch;
  readonly #keys = new Map<string, HmacKey>();

  /**
   * @param keys of 32 bytes each, by id. @throws Error if one has another length, or the current one is missing: a
   * configuration error.
   */
  constructor(keys: Iterable<readonly [id: string, key: Uint8Array]>, currentId: string, epoch = FIRST) {
    for (const [id, key] of keys) this.add(id, key);
    this.#currentId = currentId;
    this.epoch = epoch;
    this.use(currentId);
  }

  /** The id of the key that new seeds are published under. */
  get currentId(): string {
    return this.#currentId;
  }

  /** Adds a key. @throws Error if it has another length. */
  add(id: string, key: Uint8Array): void {
    if (key.length !== KEY_BYTES) throw new Error(`master key ${id} must have ${KEY_BYTES} bytes`);
    this.#keys.set(id, new HmacKey(key));
  }

  /** Publishes new seeds under a key from now on. @throws Error if there is none with this id. */
  use(id: string): void {
    this.key(id);
    this.#currentId = id;
  }

  /** @throws Error if there is none with this id: seeds published under it can no longer be derived. */
  key(id: string): HmacKey {
    const key = this.#keys.get(id);
    if (key === undefined) throw new Error(`master key ${id} is not configured`);
    return key;
  }
}

/**
 * The n-th seed of a stream, 64 lower-case hex digits: HMAC-SHA256(master key, "windfall/seed/v1|" + stream +
 * "|" + n). It is computed whenever it is needed and never stored before its reveal. 1 µs.
 */
export function serverSeed(masterKey: HmacKey, stream: string, n: number): string {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`no seed position: ${n}`);
  return masterKey.hex(`windfall/seed/v1|${stream}|${n}`);
}

/**
 * The commitment to a seed: SHA-256 of its 64 hex digits as ASCII, so that it can be checked with
 * `printf %s SEED | sha256sum`.
 */
export function serverSeedHash(seed: string): string {
  return hash('sha256', seed, 'hex');
}
