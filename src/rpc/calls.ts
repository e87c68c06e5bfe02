import { status as Code } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { ApiError, TokenBuckets } from '../kernel/index.ts';
import { trusting } from './address.ts';
import { Call, type CallHost, type Transport } from './call.ts';
import type { Contract, MethodPolicy } from './contract.ts';
import { describeFailure, type Failure } from './failure.ts';
import type { Limits } from './limits.ts';
import type { Metrics, Observe } from './metrics.ts';

// Successes are logged at debug, ApiErrors at info, internal errors at error: a line takes 5 µs, a tenth of a call.

/**
 * The calls in flight. Limits their number, and writes one log line and one observation when each ends.
 */
export class Calls {
  readonly #contract: Contract;
  readonly #log: Logger;
  readonly #observe: Observe;
  readonly #limits: Limits;
  readonly #host: CallHost;
  /** Each with the function that fails it from outside. */
  readonly #inFlight = new Map<Call, (thrown: unknown) => void>();
  #streams = 0;
  readonly #told = new TokenBuckets(TOLD);
  /** Refusals since the last line that are in no line. */
  #untold = 0;

  constructor(contract: Contract, log: Logger, metrics: Metrics, limits: Limits, etagKey: Buffer) {
    this.#contract = contract;
    this.#log = log;
    this.#limits = limits;
    this.#host = { etagKey, trusted: trusting(limits.trustedProxies) };
    this.#observe = metrics.calls(
      () => this.#inFlight.size - this.#streams,
      () => this.#streams,
    );
  }

  open(method: MethodPolicy, transport: Transport, fail: (thrown: unknown) => void): Call {
    const call = new Call(method, transport, this.#host);
    this.#inFlight.set(call, fail);
    if (call.isStream) this.#streams += 1;
    return call;
  }

  /** A call whose message is not there yet. It counts for nothing until it is opened. */
  arriving(method: MethodPolicy, transport: Transport): Call {
    return new Call(method, transport, this.#host);
  }

  /** The chain's first step: excess calls are rejected before they cost anything. */
  assertRoom = (call: Call): void => {
    const room = call.isStream
      ? this.#streams <= this.#limits.streams
      : this.#inFlight.size - this.#streams <= this.#limits.inFlight;
    if (room) return;
    throw new ApiError('OVERLOADED', 'too many calls are being served: nothing was done', {
      retryAfterMs: OVERLOAD_MS,
    });
  };

  succeed(call: Call): void {
    // The client may no longer have been there for the response.
    const code = call.cancelled ? Code.CANCELLED : Code.OK;
    this.#end(call, code);
    if (this.#log.isLevelEnabled('debug')) this.#log.debug(this.#line(call, code), 'call');
  }

  fail(call: Call, thrown: unknown): Failure {
    // What fails because the client no longer waits is not an internal error.
    const error = thrown instanceof ApiError ? thrown : (call.aborted ?? thrown);
    const failure = describeFailure(error, this.#contract.reasons, call.rest ? call.method.rest.errors : null);
    this.#end(call, failure.status.code);
    if (this.#isUntold(call, failure)) {
      this.#untold += 1;
      return failure;
    }
    const line = { ...this.#line(call, failure.status.code), reason: failure.reason };
    if (failure.fault === undefined)
      this.#log.info(this.#untold > 0 ? { ...line, untold: this.#taken() } : line, 'call');
    else this.#log.error({ ...line, id: failure.fault.id, fault: stackOf(failure.fault.thrown) }, 'call');
    return failure;
  }

  /** Aborts all calls, or only the streams, which might otherwise never end. */
  abort(which: 'streams' | 'all'): void {
    for (const call of this.#inFlight.keys()) {
      if (which === 'all' || call.method.desc.methodKind !== 'unary') call.abort(STOPPING);
    }
  }

  /** Answers the calls that have not reacted to being aborted. */
  cutOff(): void {
    for (const fail of this.#inFlight.values()) fail(STOPPING);
  }

  /** Strangers must not fill the log: of what they are refused only some is told, and how much was not. */
  #isUntold({ caller }: Call, { fault }: Failure): boolean {
    return fault === undefined && caller.role === 'anonymous' && this.#told.take('') > 0;
  }

  #taken(): number {
    const untold = this.#untold;
    this.#untold = 0;
    return untold;
  }

  #end(call: Call, code: number): void {
    if (this.#inFlight.delete(call)) {
      if (call.isStream) this.#streams -= 1;
      call.end();
    }
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

/** Lines of refused strangers: 860,000 a day at most, 200 MB. */
const TOLD = { perSecond: 10, burst: 100 };

const STOPPING = new ApiError('UNAVAILABLE', 'the server is stopping: repeat the call with the same idempotency key');

/** The stack with its causes, and no other properties of the error: drivers put the values of a query there. */
function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const stack = thrown.stack ?? `${thrown.name}: ${thrown.message}`;
  return thrown.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(thrown.cause)}`;
}

/** Long enough for the calls in flight to finish: a call takes 5 ms, a slow one 100. */
const OVERLOAD_MS = 250;
