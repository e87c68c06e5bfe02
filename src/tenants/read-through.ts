import { LRUCache } from 'lru-cache';
import { ApiError } from '../kernel/index.ts';

/** Where values are read, and how long they are cached, counted from before they were read. */
export interface Source<Key, Value> {
  /** Reads several keys at once. A key that is not in the result does not exist. */
  read(keys: readonly Key[]): Promise<ReadonlyMap<Key, Value>>;
  readonly foundMs: number;
  readonly missingMs: number;
  /** The maximum size of the cache: a sum of sizes, each 1 unless `sizeOf` says otherwise. */
  readonly sizeMax: number;
  sizeOf?(value: Value): number;
}

interface Remembered<Value> {
  readonly value: Value;
  readonly untilMs: number;
}

interface PendingRead<Key, Value> extends PromiseWithResolvers<Value | undefined> {
  readonly key: Key;
}

/** Missing keys have a separate cache, so that made-up keys do not evict real ones. */
const MISSING_MAX = 10_000;
const BATCH_MAX = 500;
const ASKED_MAX = 10_000;

/**
 * A read-through cache of found and of missing keys. One read runs at a time; keys that are requested meanwhile are
 * read together in the next one. So 10,000 made-up keys cost the database 20 statements, one after another.
 */
export class ReadThrough<Key extends {}, Value extends {}> {
  readonly #source: Source<Key, Value>;
  readonly #found: LRUCache<Key, Remembered<Value>>;
  readonly #missing = new LRUCache<Key, Remembered<undefined>>({ max: MISSING_MAX });
  readonly #asked = new Map<Key, PendingRead<Key, Value>>();
  readonly #queue: PendingRead<Key, Value>[] = [];
  #reading = false;

  constructor(source: Source<Key, Value>) {
    this.#source = source;
    const sizeOf = source.sizeOf ?? (() => 1);
    this.#found = new LRUCache({ maxSize: source.sizeMax, sizeCalculation: ({ value }) => sizeOf(value) });
  }

  /**
   * The value; undefined if there is none; a promise only if it must be read. Throws OVERLOADED.
   * @param before is called before a key is read that was never found. What it throws is thrown.
   */
  get(key: Key, before?: () => void): Value | undefined | Promise<Value | undefined> {
    const found = this.#found.get(key);
    const known = found ?? this.#missing.get(key);
    if (known !== undefined && performance.now() < known.untilMs) return known.value;
    if (found === undefined) before?.();
    return this.#ask(key);
  }

  /** The value that was last read, however old. */
  last(key: Key): Value | undefined {
    return this.#found.get(key)?.value;
  }

  /** Reads a key again from now on; `last` keeps its value until then. */
  expire(key: Key): void {
    const known = this.#found.get(key);
    if (known !== undefined) this.#found.set(key, { value: known.value, untilMs: 0 });
    this.#missing.delete(key);
    // A running read may have seen older data.
    this.#asked.delete(key);
  }

  /** Clears the cache: later calls see the current state of the database. */
  clear(): void {
    this.#found.clear();
    this.#missing.clear();
    // Running reads may have seen older data. Only the callers that already wait for them get it.
    this.#asked.clear();
  }

  #ask(key: Key): Promise<Value | undefined> {
    const earlier = this.#asked.get(key);
    if (earlier !== undefined) return earlier.promise;
    if (this.#queue.length >= ASKED_MAX) {
      throw new ApiError('OVERLOADED', 'too many unknown callers at once', { retryAfterMs: 1000 });
    }
    const asked = { key, ...Promise.withResolvers<Value | undefined>() };
    this.#asked.set(key, asked);
    this.#queue.push(asked);
    if (!this.#reading) void this.#readAll();
    return asked.promise;
  }

  async #readAll(): Promise<void> {
    this.#reading = true;
    while (this.#queue.length > 0) await this.#read(this.#queue.splice(0, BATCH_MAX));
    this.#reading = false;
  }

  async #read(batch: readonly PendingRead<Key, Value>[]): Promise<void> {
    const startMs = performance.now();
    try {
      const values = await this.#source.read(batch.map(({ key }) => key));
      for (const asked of batch) {
        const value = values.get(asked.key);
        if (this.#leave(asked)) this.#remember(asked.key, value, startMs);
        asked.resolve(value);
      }
    } catch (error) {
      for (const asked of batch) {
        this.#leave(asked);
        asked.reject(error);
      }
    }
  }

  /** Removes a request. Returns whether the cache was not cleared since it was made. */
  #leave(asked: PendingRead<Key, Value>): boolean {
    return this.#asked.get(asked.key) === asked && this.#asked.delete(asked.key);
  }

  #remember(key: Key, value: Value | undefined, startMs: number): void {
    const { foundMs, missingMs } = this.#source;
    if (value === undefined) {
      this.#found.delete(key);
      this.#missing.set(key, { value, untilMs: startMs + missingMs });
    } else {
      this.#missing.delete(key);
      this.#found.set(key, { value, untilMs: startMs + foundMs });
    }
  }
}
