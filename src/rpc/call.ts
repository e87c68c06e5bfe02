import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline, Metadata } from '@grpc/grpc-js';
import { ApiError, type Caller, type TokenBuckets } from '../kernel/index.ts';
import { clientAddress, isForwarded, type TrustCheck } from './address.ts';
import type { MethodPolicy } from './contract.ts';
import { etagOf, isNamed, NOT_MODIFIED } from './etag.ts';
import { refuseFor } from './rates.ts';

/** What a handler knows about its call, besides the request. */
export interface Context {
  readonly method: MethodPolicy;
  readonly caller: Caller;
  readonly metadata: Metadata;
  /** The client's, by which strangers are limited: of IPv6 only the network. */
  readonly address: string;
  /** Aborts with an ApiError when the client no longer waits for the response. A stream must stop then. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds; Infinity: no deadline. */
  readonly deadlineMs: number;
  /** Marks the response as that of an earlier call with the same key: it sets the header idempotency-replayed. */
  markReplayed(): void;
  /**
   * Declares all that the response is made from, besides the caller, the request and the program; for a read, the
   * rows. Over REST the response then has an etag. Throws if the client has this response already: it gets 304.
   */
  tag(...parts: readonly unknown[]): void;
  /**
   * Counts as another call of a throttled RPC, for a stream that costs as much as many calls. Waits where that call
   * would be refused; rejects if the client no longer waits.
   */
  turn(): Promise<void>;
  /**
   * Counts work that is more than a call's: so many items or rewards. Who has spent more than their rate of calls
   * allows is refused, here and at their next calls. Throws RATE_LIMITED; nothing may have been done yet.
   */
  charge(work: number): void;
  /** Like `charge`, but waits where that would refuse: for the messages of a stream. */
  chargeLater(work: number): void | Promise<void>;
}

/** What the four kinds of call of grpc-js have in common. */
export interface Transport {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
  getDeadline(): Deadline;
  getPeer(): string;
  once(event: 'cancelled', listener: () => void): unknown;
}

const NOBODY: Caller = {
  role: 'anonymous',
  operator: 0,
  brand: null,
  scopes: new Set(),
  userId: null,
  name: '',
};

/** What the calls of a server share. */
export interface CallHost {
  readonly etagKey: Buffer;
  readonly trusted: TrustCheck;
}

/** One call on its way through the server. */
export class Call implements Context {
  readonly method: MethodPolicy;
  readonly metadata: Metadata;
  /** Whether it came through the transcoder: the edge removes this header from clients' requests. */
  readonly rest: boolean;
  readonly startedMs = performance.now();
  /** Known once the call is authenticated. */
  caller = NOBODY;
  readonly #transport: Transport;
  #abort: AbortController | undefined;
  /** Whether the call has succeeded or failed. */
  done = false;
  /** Whether the response is that of an earlier call. */
  replayed = false;
  etag: string | undefined;
  /** Of a throttled RPC: takes a token of its caller. Returns the milliseconds until there is one, 0 if it is taken. */
  throttle: (() => number) | undefined;
  /** Of the caller's calls and work; set once it is known whose those are. */
  buckets: TokenBuckets | undefined;
  #ended: (() => void)[] | undefined;
  #account: string | undefined;
  readonly #host: CallHost;

  constructor(method: MethodPolicy, transport: Transport, host: CallHost) {
    this.method = method;
    this.#host = host;
    this.metadata = transport.metadata;
    this.rest = transport.metadata.get('x-envoy-original-path').length > 0;
    this.#transport = transport;
  }

  markReplayed(): void {
    this.replayed = true;
  }

  tag(...parts: readonly unknown[]): void {
    if (!this.rest) return;
    const { role, operator, brand, userId } = this.caller;
    const [url] = this.metadata.get('x-envoy-original-path');
    this.etag = etagOf(this.#host.etagKey, [url, role, operator, brand, userId, parts]);
    const header = this.metadata.get('if-none-match').join();
    if (header !== '' && isNamed(this.etag, header)) throw NOT_MODIFIED;
  }

  async turn(): Promise<void> {
    for (let waitMs = this.throttle!(); waitMs > 0; waitMs = this.throttle!())
      await sleep(waitMs, undefined, { signal: this.signal });
  }

  charge(work: number): void {
    refuseFor(this.#spend(work), 'calls');
  }

  chargeLater(work: number): void | Promise<void> {
    const waitMs = this.#spend(work);
    if (waitMs > 0) return sleep(waitMs, undefined, { signal: this.signal }).then(() => this.chargeLater(work));
  }

  #spend(work: number): number {
    return this.buckets!.spend(this.account, work / WORK_OF_CALL);
  }

  get deadlineMs(): number {
    return Number(this.#transport.getDeadline());
  }

  /** Whether it is a stream of responses, which lasts as long as its client wants. */
  get isStream(): boolean {
    return this.method.desc.methodKind === 'server_streaming';
  }

  /** Who is limited: the caller or, without a credential, the address. Two brands may have players of one name. */
  get account(): string {
    if (this.#account !== undefined) return this.#account;
    const { role, operator, brand, name } = this.caller;
    return (this.#account = role === 'anonymous' ? this.address : `${operator}/${brand ?? ''}/${name}`);
  }

  /** Runs `end` when the call has succeeded or failed. */
  onEnd(end: () => void): void {
    (this.#ended ??= []).push(end);
  }

  end(): void {
    this.done = true;
    for (const end of this.#ended ?? []) end();
  }

  get address(): string {
    return clientAddress(this.#transport.getPeer(), this.metadata, this.#host.trusted);
  }

  /** Whether the client may be on another machine, although the peer is on this one. */
  get forwarded(): boolean {
    return isForwarded(this.metadata);
  }

  /** Whether grpc-js has cancelled the call: nothing more can be sent. */
  get cancelled(): boolean {
    return this.#transport.cancelled;
  }

  /** Created on first use: half of all calls never need it. */
  get signal(): AbortSignal {
    if (this.#abort !== undefined) return this.#abort.signal;
    this.#abort = new AbortController();
    if (this.cancelled) this.#abort.abort(this.#departure());
    // grpc-js emits it at the end of every call, including answered ones.
    else this.#transport.once('cancelled', () => this.abort(this.#departure()));
    return this.#abort.signal;
  }

  /** Signals the handler that the client no longer waits. */
  abort(reason: ApiError): void {
    if (!this.done) this.#abort?.abort(reason);
  }

  /** Why the client no longer waits for the response; undefined: it does wait. */
  get aborted(): ApiError | undefined {
    return (this.#abort?.signal.reason as ApiError | undefined) ?? (this.cancelled ? this.#departure() : undefined);
  }

  #departure(): ApiError {
    return Date.now() >= this.deadlineMs - TRAVEL_MS
      ? new ApiError('DEADLINE_EXCEEDED', 'the time that the caller gave is up')
      : new ApiError('CANCELLED', 'the caller has left');
  }
}

/** A call takes 50 µs of the server at least, an item of a batch or a reward 10 to 15. */
const WORK_OF_CALL = 5;

/** When a client cancels at its own deadline, the cancellation arrives at about the time of ours: within this. */
const TRAVEL_MS = 20;
