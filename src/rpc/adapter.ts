import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  Metadata,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type sendUnaryData,
  type ServerDuplexStream,
} from '@grpc/grpc-js';
import { ApiError } from '../kernel/index.ts';
import type { Call, Context, Transport } from './call.ts';
import { runSteps, type Receive, type Step } from './chain.ts';
import { NOT_MODIFIED } from './etag.ts';
import type { Events } from './events.ts';
import type { Failure } from './failure.ts';
import type { Mark } from './nulls.ts';
import { drained, reset, streamOf, type Unread, type Writing } from './unread.ts';
import type { Whole } from './whole-maps.ts';

/** An RPC, with all the steps that its calls pass. */
export interface Route {
  /** Opens a call. `fail` answers it, whatever its handler is doing, unless it was already answered. */
  open(transport: Transport, fail: (thrown: unknown) => void): Call;
  readonly steps: readonly Step[];
  readonly receive: Receive;
  readonly handler: (request: any, context: Context) => unknown;
  readonly encode: (response: any) => Buffer;
  readonly answer: RestAnswer;
  readonly unread: Unread;
  /** How long a response may wait for a client that does not read. */
  readonly stalledMs: number;
  /** How long a stream of requests may wait for the next one. */
  readonly idleMs: number;
  /** Closes a call that succeeded. */
  succeed(call: Call): void;
  /** Closes a call that failed. */
  fail(call: Call, thrown: unknown): Failure;
}

/** What the edge needs to know of a success. */
export interface RestAnswer {
  readonly metadata: Metadata;
  readonly mark: Mark | undefined;
  readonly whole: Whole | null;
  /** The responses of a server stream as events; null: of others. */
  readonly events: Events | null;
  /** A response that is text; null: others. */
  readonly text: Pick<Events, 'of'> | null;
}

/** Handles unary calls, which are nearly all calls. The handler's promise is the only one that they need. */
export function unary(route: Route): handleUnaryCall<Buffer, Buffer> {
  return (transport, respond) => {
    const send = (bytes: Buffer, status?: string): void => {
      const headers = headersOf(route, call, status);
      if (headers !== undefined) transport.sendMetadata(headers);
      route.succeed(call);
      route.unread.hold(call, bytes.length, streamOf(transport));
      respond(null, bytes);
    };
    const fail = (thrown: unknown): void => {
      if (call.done) return;
      if (thrown === NOT_MODIFIED) send(NOTHING, '304');
      else respond(route.fail(call, thrown).status);
    };
    const succeed = (response: unknown): void => {
      if (call.done) return;
      try {
        send(encode(route, call, response));
      } catch (thrown) {
        fail(thrown);
      }
    };
    const call = route.open(transport, fail);
    const handle = (): Promise<unknown> =>
      route.handler(route.receive(transport.request, call), call) as Promise<unknown>;
    try {
      const pending = runSteps(route.steps, call);
      (pending === undefined ? handle() : pending.then(handle)).then(succeed, fail);
    } catch (thrown) {
      fail(thrown);
    }
  };
}

/** The headers for the edge and the client: none for most calls over gRPC. */
function headersOf({ answer }: Route, { rest, replayed, etag }: Call, status?: string): Metadata | undefined {
  if (!replayed && etag === undefined) return rest ? answer.metadata : undefined;
  const headers = rest ? answer.metadata.clone() : new Metadata();
  if (replayed) headers.set('idempotency-replayed', 'true');
  if (etag !== undefined) {
    headers.set('etag', etag);
    // A copy is good for the caller alone, and only after it has asked whether it still is.
    headers.set('cache-control', 'private, no-cache');
  }
  if (status !== undefined) headers.set('x-rest-status', status);
  return headers;
}

const NOTHING = Buffer.alloc(0);

/** Handles calls with many requests and one response. */
export function clientStream(route: Route): handleClientStreamingCall<Buffer, Buffer> {
  return (transport, respond) => void answerStream(route, transport as ServerDuplexStream<Buffer, Buffer>, respond);
}

async function answerStream(
  route: Route,
  transport: ServerDuplexStream<Buffer, Buffer>,
  respond: sendUnaryData<Buffer>,
): Promise<void> {
  const fail = (thrown: unknown): void => {
    if (!call.done) respond(route.fail(call, thrown).status);
  };
  const call = route.open(transport, fail);
  try {
    await runSteps(route.steps, call);
    const response = await route.handler(requests(route, call, transport), call);
    if (call.done) return;
    const bytes = encode(route, call, response);
    if (call.rest) transport.sendMetadata(route.answer.metadata);
    route.succeed(call);
    respond(null, bytes);
  } catch (thrown) {
    fail(thrown);
  }
}

/** Handles calls with one request and many responses. */
export function serverStream(route: Route): handleServerStreamingCall<Buffer, Buffer> {
  return (transport) => void stream(route, transport, (call) => route.receive(transport.request, call));
}

/** Handles calls with many requests and many responses. */
export function bidi(route: Route): handleBidiStreamingCall<Buffer, Buffer> {
  return (transport) => void stream(route, transport, (call) => requests(route, call, transport));
}

async function stream(route: Route, transport: Writing, receive: (call: Call) => unknown): Promise<void> {
  let first = true;
  const fail = (thrown: unknown): void => {
    if (call.done) return;
    const { status, reason } = route.fail(call, thrown);
    if (call.cancelled) return;
    if (!first && call.rest && route.answer.events !== null)
      transport.write(route.answer.events.failure(reason, status));
    transport.emit('error', status);
    if (reason === 'READER_TOO_SLOW') setTimeout(() => reset(transport), route.stalledMs).unref();
  };
  const call = route.open(transport, fail);
  try {
    await runSteps(route.steps, call);
    for await (const response of route.handler(receive(call), call) as AsyncIterable<unknown>) {
      // What was read before the server began to stop is still answered. The rest of a cancelled call is not needed.
      if (call.cancelled) call.signal.throwIfAborted();
      // Not earlier: a failure before the first message still has its own status over REST.
      if (first && call.rest) transport.sendMetadata(route.answer.metadata);
      first = false;
      if (!transport.write(encode(route, call, response))) await drained(transport, call.signal, route.stalledMs);
    }
    call.signal.throwIfAborted();
    route.succeed(call);
    transport.end();
  } catch (thrown) {
    fail(thrown);
  }
}

async function* requests(route: Route, call: Call, transport: ServerDuplexStream<Buffer, Buffer>): AsyncGenerator {
  const { signal } = call;
  // The responses use the same transport: it must outlive a handler that stops reading early.
  const incoming = new Incoming(transport.iterator({ destroyOnReturn: false }), signal, route.idleMs);
  try {
    for (let one = await incoming.next(); !one.done; one = await incoming.next()) yield route.receive(one.value, call);
    // In grpc-js a client that disconnects looks like one that has sent its last message. Only the next turn of the
    // event loop shows which it was.
    await nextTurn();
    signal.throwIfAborted();
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  } finally {
    incoming.end();
  }
}

/**
 * The messages of a stream. One timer and one listener serve them all: with some of its own each message took 3 µs
 * more, of 54.
 */
class Incoming {
  readonly #messages: AsyncIterator<Buffer>;
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  /** Fails the message that is waited for; does nothing once that is there. */
  #fail: (reason: unknown) => void = () => undefined;
  readonly #stop = (): void => this.#fail(this.#signal.reason);

  constructor(messages: AsyncIterator<Buffer>, signal: AbortSignal, idleMs: number) {
    this.#messages = messages;
    this.#signal = signal;
    this.#timer = setTimeout(() => this.#fail(silent(idleMs)), idleMs);
    signal.addEventListener('abort', this.#stop);
  }

  /**
   * The next message. Rejects with the reason of an abort, and with DEADLINE_EXCEEDED if nothing is sent for `idleMs`:
   * an idle stream holds a place that others need.
   */
  next(): Promise<IteratorResult<Buffer>> {
    if (this.#signal.aborted) return Promise.reject(this.#signal.reason as Error);
    this.#timer.refresh();
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      void this.#messages.next().then(resolve, reject);
    });
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#stop);
  }
}

const silent = (idleMs: number): ApiError =>
  new ApiError('DEADLINE_EXCEEDED', `nothing was sent for ${idleMs / 1000} s: open another stream`);

function encode(
  { answer: { mark, whole, events, text }, encode: write }: Route,
  { rest }: Call,
  response: unknown,
): Buffer {
  if (!rest) return write(response);
  const printed = events ?? text;
  if (printed !== null) return printed.of(response as object);
  const shown = mark === undefined ? response : mark(response as Record<string, unknown>);
  return whole === null ? write(shown) : whole(shown, write(shown));
}
