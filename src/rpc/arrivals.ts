import { constants, type ServerHttp2Stream } from 'node:http2';
import type {
  Metadata,
  ServerInterceptingCall,
  ServerInterceptingCallInterface,
  ServerInterceptor,
  StatusObject,
} from '@grpc/grpc-js';
import { ApiError } from '../kernel/index.ts';
import type { Call, Transport } from './call.ts';
import { runSteps, type Step } from './chain.ts';
import { Room } from './room.ts';

/** What can be asked of a call before its message is there. */
export interface Gate {
  open(transport: Transport): Call;
  /** Who it is, and whether they may. */
  readonly steps: readonly Step[];
  fail(call: Call, thrown: unknown): StatusObject;
}

export interface ArrivalLimits {
  /** Bytes of messages that have begun to arrive, of all callers together. */
  readonly arrivingBytes: number;
  /** Calls whose message has not arrived after a second, of all callers together. */
  readonly arrivingCalls: number;
  /** After which time a call without its message fails. */
  readonly arriveMs: number;
}

/** What one may hold of what is left. */
const PART = { stranger: 1 / 8, known: 1 / 2 };
/** Of the type, and of the length. */
const HEAD = 5;
const LOOK_MS = 500;

/**
 * Messages that have not arrived yet. grpc-js keeps what is there of a message until it is whole, and only then asks
 * who has sent it. Here that is asked as soon as a message does not come in one piece; what is on its way is bounded,
 * and so is its time. What comes in one piece, as nearly all do, costs nothing of this.
 */
export class Arrivals {
  readonly bytes: Room;
  readonly calls: Room;
  readonly #arriveMs: number;
  readonly #gates: ReadonlyMap<string, Gate>;
  /** Calls without their first message, the oldest first. */
  readonly #waiting = new Set<Arrival>();
  #looks = false;

  constructor(limits: ArrivalLimits, gates: ReadonlyMap<string, Gate>) {
    this.bytes = new Room(limits.arrivingBytes);
    this.calls = new Room(limits.arrivingCalls);
    this.#arriveMs = limits.arriveMs;
    this.#gates = gates;
  }

  readonly intercept: ServerInterceptor = ({ path, requestStream }, call) => {
    const gate = this.#gates.get(path);
    if (gate !== undefined) {
      const arrival = new Arrival(this, gate, call as BaseCall);
      // A stream of requests has a limit of its own for its silence: see adapter.ts.
      if (!requestStream) this.#await(arrival);
    }
    return call as unknown as ServerInterceptingCall;
  };

  forget(arrival: Arrival): void {
    this.#waiting.delete(arrival);
  }

  #await(arrival: Arrival): void {
    this.#waiting.add(arrival);
    if (!this.#looks) this.#lookLater();
  }

  /** After the sockets: what they have brought while the process was busy is not late. */
  #lookLater(): void {
    this.#looks = true;
    setTimeout(() => setImmediate(() => this.#lookAll(performance.now())), LOOK_MS).unref();
  }

  #lookAll(now: number): void {
    for (const arrival of this.#waiting) {
      const age = now - arrival.startedMs;
      if (age < LOOK_MS) break;
      if (age > this.#arriveMs) arrival.refuse(late(this.#arriveMs));
      else arrival.countAsWaiting();
    }
    this.#looks = false;
    if (this.#waiting.size > 0) this.#lookLater();
  }
}

/** What grpc-js gives to its first interceptor. */
interface BaseCall extends ServerInterceptingCallInterface {
  readonly stream: ServerHttp2Stream;
  readonly metadata: Metadata;
}

/** The messages of one call on their way. */
class Arrival {
  readonly startedMs = performance.now();
  readonly #all: Arrivals;
  readonly #gate: Gate;
  readonly #base: BaseCall;
  #call: Call | undefined;
  /** Bytes that are missing of the message; and those that are there of its head. */
  #missing = 0;
  #head = 0;
  #length = 0;
  /** What this holds of the room of bytes, and of that of calls. */
  #held: { readonly name: string; readonly bytes: number } | null = null;
  #waitsAs: string | null = null;
  #over = false;

  constructor(all: Arrivals, gate: Gate, base: BaseCall) {
    this.#all = all;
    this.#gate = gate;
    this.#base = base;
    base.stream.on('data', (chunk: Buffer) => this.#take(chunk)).once('close', () => this.#end());
  }

  /** Fails the call, and lets nothing more of it in. */
  refuse(thrown: unknown): void {
    if (this.#over) return;
    this.#over = true;
    const { stream } = this.#base;
    this.#base.sendStatus(this.#gate.fail(this.#who, thrown));
    this.#end();
    setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  }

  /** Counts the call as one that waits, once. */
  countAsWaiting(): void {
    if (this.#waitsAs !== null) return;
    const { address } = this.#who;
    if (this.#all.calls.take(address, 1, PART.stranger)) this.#waitsAs = address;
    else this.refuse(crowded('calls whose message does not arrive'));
  }

  get #who(): Call {
    const { stream, metadata } = this.#base;
    this.#call ??= this.#gate.open({
      metadata,
      cancelled: stream.destroyed,
      getDeadline: () => this.#base.getDeadline(),
      getPeer: () => this.#base.getPeer(),
      once: () => undefined,
    });
    return this.#call;
  }

  #take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#missing > 0) {
        const part = Math.min(this.#missing, chunk.length - at);
        this.#missing -= part;
        at += part;
      } else {
        this.#length = this.#head === 0 ? 0 : this.#length * 256 + chunk[at]!;
        this.#head += 1;
        at += 1;
        if (this.#head < HEAD) continue;
        this.#head = 0;
        this.#missing = this.#length;
      }
      if (this.#missing === 0) this.#arrived();
    }
    if (this.#missing > 0 && this.#held === null && !this.#over) this.#hold();
  }

  /** A message is in pieces: asks who sends it, and whether there is room. */
  #hold(): void {
    const isFirst = this.#call === undefined;
    const call = this.#who;
    try {
      // Later messages of a stream are of the same caller.
      if (isFirst) void runSteps(this.#gate.steps, call)?.catch((thrown: unknown) => this.refuse(thrown));
    } catch (thrown) {
      return this.refuse(thrown);
    }
    const name = call.account;
    const part = call.caller.role === 'anonymous' ? PART.stranger : PART.known;
    if (this.#all.bytes.take(name, this.#length, part)) this.#held = { name, bytes: this.#length };
    else this.refuse(crowded('bytes of messages that do not arrive'));
  }

  #arrived(): void {
    this.#all.forget(this);
    if (this.#held !== null) this.#all.bytes.give(this.#held.name, this.#held.bytes);
    if (this.#waitsAs !== null) this.#all.calls.give(this.#waitsAs, 1);
    this.#held = this.#waitsAs = null;
  }

  #end(): void {
    this.#over = true;
    this.#arrived();
  }
}

const late = (ms: number): ApiError =>
  new ApiError('DEADLINE_EXCEEDED', `the message did not arrive within ${ms / 1000} s; nothing was done`);

const crowded = (what: string): ApiError =>
  new ApiError('OVERLOADED', `too many ${what}: nothing was done`, { retryAfterMs: 1000 });
