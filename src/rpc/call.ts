import type { Deadline, Metadata } from '@grpc/grpc-js';
import { ApiError, type Caller } from '../kernel/index.ts';
import type { MethodPolicy } from './contract.ts';

/** What a handler knows of its call, besides the request. */
export interface Context {
  readonly method: MethodPolicy;
  readonly caller: Caller;
  readonly metadata: Metadata;
  /** Aborts with an ApiError when nobody waits for the answer any more. A stream must end then. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds; Infinity: the caller waits for as long as it takes. */
  readonly deadlineMs: number;
  /** Says that the answer is that of an earlier call with the same key: the response header idempotency-replayed. */
  markReplayed(): void;
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

/** One call on its way through the server. */
export class Call implements Context {
  readonly method: MethodPolicy;
  readonly metadata: Metadata;
  /** Whether it came through the transcoder: the edge takes this header away from clients. */
  readonly rest: boolean;
  readonly startedMs = performance.now();
  /** Known once the call is authenticated. */
  caller = NOBODY;
  readonly #transport: Transport;
  #abort: AbortController | undefined;
  /** Whether the call has its outcome. */
  done = false;
  /** Whether the answer is that of an earlier call. */
  replayed = false;

  constructor(method: MethodPolicy, transport: Transport) {
    this.method = method;
    this.metadata = transport.metadata;
    this.rest = transport.metadata.get('x-envoy-original-path').length > 0;
    this.#transport = transport;
  }

  markReplayed(): void {
    this.replayed = true;
  }

  get deadlineMs(): number {
    return Number(this.#transport.getDeadline());
  }

  get peer(): string {
    return this.#transport.getPeer();
  }

  /** Whether grpc-js has given the call up: nothing more can be sent. */
  get cancelled(): boolean {
    return this.#transport.cancelled;
  }

  /** Made when it is first asked for: half of all calls never do. */
  get signal(): AbortSignal {
    if (this.#abort !== undefined) return this.#abort.signal;
    this.#abort = new AbortController();
    if (this.cancelled) this.#abort.abort(this.#departure());
    // grpc-js emits it at the end of every call, answered ones too.
    else this.#transport.once('cancelled', () => this.abort(this.#departure()));
    return this.#abort.signal;
  }

  /** Tells the handler that nobody waits any more. */
  abort(reason: ApiError): void {
    if (!this.done) this.#abort?.abort(reason);
  }

  /** Why nobody waits for the answer any more; undefined: somebody does. */
  get aborted(): ApiError | undefined {
    return (this.#abort?.signal.reason as ApiError | undefined) ?? (this.cancelled ? this.#departure() : undefined);
  }

  #departure(): ApiError {
    return Date.now() >= this.deadlineMs - TRAVEL_MS
      ? new ApiError('DEADLINE_EXCEEDED', 'the time that the caller gave is up')
      : new ApiError('CANCELLED', 'the caller has left');
  }
}

/** A caller whose own clock ends the call is heard of at about the time at which ours would have ended it. */
const TRAVEL_MS = 20;
