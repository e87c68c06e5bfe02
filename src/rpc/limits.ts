import type { Allowance } from '../kernel/index.ts';

/** What a server takes at most. */
export interface Limits {
  /** Of a request. What is larger is TOO_LARGE. */
  readonly messageBytes: number;
  /** Of a connection; Envoy's one connection has all of REST on it. */
  readonly concurrentStreams: number;
  /** Calls being served. One more is OVERLOADED. */
  readonly inFlight: number;
  readonly caller: Allowance;
  /** Of an address, for throttled RPCs: enough for people who mistype, not for guessing. */
  readonly throttled: Allowance;
  /** Networks whose x-forwarded-for is believed, besides this machine: `10.0.0.0/8`. */
  readonly trustedProxies: readonly string[];
}

export const LIMITS: Limits = {
  messageBytes: 4 * 1024 * 1024,
  concurrentStreams: 2000,
  inFlight: 4000,
  caller: { perSecond: 20_000, burst: 20_000 },
  throttled: { perSecond: 0.5, burst: 20 },
  trustedProxies: [],
};
