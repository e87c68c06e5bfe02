import { status as Code } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { ApiError } from '../kernel/index.ts';
import { Call, type Transport } from './call.ts';
import type { Contract, MethodPolicy } from './contract.ts';
import { describeFailure, type Failure } from './failure.ts';
import type { Metrics, Observe } from './metrics.ts';

// Successes are logged at debug, what callers are refused at info, faults at error: a line takes 5 µs, a
// tenth of a call.

/**
 * The calls in flight: how many there may be, and one line of log and one observation for each at its end.
 */
export class Calls {
  readonly #contract: Contract;
  readonly #log: Logger;
  readonly #observe: Observe;
  readonly #max: number;
  /** With how to answer each from outside. */
  readonly #inFlight = new Map<Call, (thrown: unknown) => void>();

  constructor(contract: Contract, log: Logger, metrics: Metrics, max: number) {
    this.#contract = contract;
    this.#log = log;
    this.#max = max;
    this.#observe = metrics.calls(() => this.#inFlight.size);
  }

  open(method: MethodPolicy, transport: Transport, fail: (thrown: unknown) => void): Call {
    const call = new Call(method, transport);
    this.#inFlight.set(call, fail);
    return call;
  }

  /** The chain's first step: whoever comes in a flood is turned away before the call costs anything. */
  assertRoom = (): void => {
    if (this.#inFlight.size <= this.#max) return;
    throw new ApiError('OVERLOADED', 'too many calls are being served: nothing was done', {
      retryAfterMs: OVERLOAD_MS,
    });
  };

  succeed(call: Call): void {
    // Nobody may have been there for the answer any more.
    const code = call.cancelled ? Code.CANCELLED : Code.OK;
    this.#end(call, code);
    if (this.#log.isLevelEnabled('debug')) this.#log.debug(this.#line(call, code), 'call');
  }

  fail(call: Call, thrown: unknown): Failure {
    // What breaks because nobody waits for it is no fault.
    const told = thrown instanceof ApiError ? thrown : (call.aborted ?? thrown);
    const failure = describeFailure(told, this.#contract.reasons, call.rest ? call.method.rest.errors : null);
    this.#end(call, failure.status.code);
    const line = { ...this.#line(call, failure.status.code), reason: failure.reason };
    if (failure.fault === undefined) this.#log.info(line, 'call');
    else this.#log.error({ ...line, id: failure.fault.id, fault: stackOf(failure.fault.thrown) }, 'call');
    return failure;
  }

  /** Tells streams, which may never end by themselves, or all calls that nobody waits any more. */
  abort(which: 'streams' | 'all'): void {
    for (const call of this.#inFlight.keys()) {
      if (which === 'all' || call.method.desc.methodKind !== 'unary') call.abort(STOPPING);
    }
  }

  /** Answers what has not heard that it was aborted. */
  cutOff(): void {
    for (const fail of this.#inFlight.values()) fail(STOPPING);
  }

  #end(call: Call, code: number): void {
    call.done = true;
    this.#inFlight.delete(call);
    this.#observe(call.method, code, performance.now() - call.startedMs);
  }

  #line({ method, startedMs, caller, metadata }: Call, code: Code): Record<string, unknown> {
    return {
      rpc: method.path,
      code: Code[code],
      ms: Math.round((performance.now() - startedMs) * 1000) / 1000,
      caller: caller.name,
      request_id: metadata.get('x-request-id')[0]?.slice(0, 64),
    };
  }
}

const STOPPING = new ApiError('UNAVAILABLE', 'the server is stopping: repeat the call with the same idempotency key');

/** The stack with its causes, and nothing else of the error: drivers put the values of a query beside it. */
function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const stack = thrown.stack ?? `${thrown.name}: ${thrown.message}`;
  return thrown.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(thrown.cause)}`;
}

/** Long enough for what is in flight to be over: a call takes 5 ms, a slow one 100. */
const OVERLOAD_MS = 250;
