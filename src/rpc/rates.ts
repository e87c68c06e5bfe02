import { ApiError, type TokenBuckets } from '../kernel/index.ts';

/** Takes a token. Throws RATE_LIMITED if there is none. */
export function take(buckets: TokenBuckets, key: string): void {
  refuseFor(buckets.take(key), 'calls');
}

/** Throws RATE_LIMITED if there is no token, and takes none. */
export function assertLeft(buckets: TokenBuckets, key: string): void {
  refuseFor(buckets.wait(key), 'wrong credentials');
}

/** Throws RATE_LIMITED if there is a time to wait, in milliseconds. */
export function refuseFor(waitMs: number, what: string): void {
  if (waitMs <= 0) return;
  const retryAfterMs = Math.ceil(waitMs);
  throw new ApiError('RATE_LIMITED', `too many ${what}: come back in ${retryAfterMs} ms`, { retryAfterMs });
}
