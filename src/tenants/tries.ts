import { LRUCache } from 'lru-cache';

/** Enough for people who mistype; 17,000 guesses a day, where an address alone has 43,000. */
const AT_ONCE = 10;
const INTERVAL_MS = 5000;
const NAMES_MAX = 100_000;

/** Tries that names have left: a bucket each, known by the time at which it is full again. */
export class Tries {
  readonly #buckets = new LRUCache<string, { fullAtMs: number }>({ max: NAMES_MAX });

  /** Takes a try: 0. None left: how many milliseconds until there is one. */
  take(name: string, nowMs: number = performance.now()): number {
    const fullAtMs = Math.max(this.#buckets.get(name)?.fullAtMs ?? 0, nowMs);
    const waitMs = fullAtMs - nowMs - (AT_ONCE - 1) * INTERVAL_MS;
    if (waitMs > 0) return waitMs;
    this.#buckets.set(name, { fullAtMs: fullAtMs + INTERVAL_MS });
    return 0;
  }

  /** Gives a try back, because it was right. */
  giveBack(name: string): void {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) bucket.fullAtMs -= INTERVAL_MS;
  }
}
