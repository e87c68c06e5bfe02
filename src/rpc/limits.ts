import type { RateLimit } from '../kernel/index.ts';

/** The limits of a server. */
export interface Limits {
  /** Of a request. Larger ones fail with TOO_LARGE. */
  readonly messageBytes: number;
  /** Of a connection. Envoy sends all of REST over one connection. */
  readonly concurrentStreams: number;
  /** Open connections, besides those of proxies; and of one address. */
  readonly connections: number;
  readonly connectionsEach: number;
  /** Calls being served, besides streams of responses. One more fails with OVERLOADED. */
  readonly inFlight: number;
  /** Of these, of one caller, or one address without credential; and of one operator, or all strangers. */
  readonly inFlightEach: number;
  readonly inFlightOperator: number;
  /** Streams of responses, which last; and those of one player, or of one address without credential. */
  readonly streams: number;
  readonly streamsEach: number;
  /** Of one operator, or all strangers. */
  readonly streamsOperator: number;
  /** Exports of one caller, or of one address without credential. */
  readonly exportsEach: number;
  /** Files that one caller sends at a time. */
  readonly filesEach: number;
  /** After which time a client that does not read its stream loses it. */
  readonly stalledMs: number;
  /** After which time a client that sends nothing more loses its stream of requests. */
  readonly idleMs: number;
  /** Lists being read at a time: half of the connections of reads. Callers take turns. */
  readonly lists: number;
  /** Bytes of answers that wait because a caller does not read them; and of all callers together. */
  readonly unreadEach: number;
  readonly unread: number;
  /** Bytes of messages that have begun to arrive, and calls whose message has not arrived after a second. */
  readonly arrivingBytes: number;
  readonly arrivingCalls: number;
  /** After which time a call without its message fails. */
  readonly arriveMs: number;
  /** Calls of a caller; five rewards or items of a batch count as one. Of a player the share is smaller. */
  readonly caller: RateLimit;
  readonly player: RateLimit;
  /** Of an address, for throttled RPCs: enough for people who mistype a password, not for guessing one. */
  readonly throttled: RateLimit;
  /** Of a caller with a credential, for throttled RPCs that are only expensive: 20,000 proofs in seven minutes. */
  readonly throttledCaller: RateLimit;
  /** Of an address: wrong credentials. A game server whose key has expired sends many; a guesser needs 62^43. */
  readonly wrong: RateLimit;
  /** Networks whose x-forwarded-for is trusted, besides this machine: `10.0.0.0/8`. */
  readonly trustedProxies: readonly string[];
}

export const LIMITS: Limits = {
  messageBytes: 4 * 1024 * 1024,
  concurrentStreams: 2000,
  connections: 20_000,
  connectionsEach: 1000,
  inFlight: 4000,
  inFlightEach: 2000,
  inFlightOperator: 3000,
  streams: 12_000,
  streamsEach: 1000,
  streamsOperator: 9000,
  exportsEach: 10,
  filesEach: 10,
  stalledMs: 60_000,
  idleMs: 300_000,
  lists: 5,
  unreadEach: 64 * 1024 * 1024,
  unread: 512 * 1024 * 1024,
  arrivingBytes: 256 * 1024 * 1024,
  arrivingCalls: 8000,
  arriveMs: 20_000,
  caller: { perSecond: 20_000, burst: 20_000 },
  player: { perSecond: 1000, burst: 1000 },
  throttled: { perSecond: 0.5, burst: 20 },
  throttledCaller: { perSecond: 50, burst: 200 },
  wrong: { perSecond: 10, burst: 100 },
  trustedProxies: [],
};
