import type { DescMessage } from '@bufbuild/protobuf';
import type { Metadata } from '@grpc/grpc-js';
import { invalid, ApiError, type Caller, type TokenBuckets } from '../kernel/index.ts';
import type { Call } from './call.ts';
import { assertLeft, refuseFor, take } from './rates.ts';
import type { Validate } from './validation/compile.ts';

/** The credentials that a caller sends. */
export interface Credentials {
  /** Of the header `authorization: Bearer …`. */
  readonly bearer?: string | undefined;
  /** Of the header `x-auth-token`. */
  readonly playerToken?: string | undefined;
  /** Of the header `x-windfall-operator`. */
  readonly operatorHeader?: string | undefined;
  /** Whether an operator is not needed, because the call is about none. */
  readonly anyOperator?: boolean;
  /** Whether the client may be on another machine. */
  readonly forwarded?: () => boolean;
  /** Called before a credential is looked up or computed. Throws RATE_LIMITED where too many were wrong. */
  readonly beforeProof?: () => void;
}

/**
 * Authenticates the caller, or throws an ApiError. Returns no promise if the caller is cached: every call takes
 * this path.
 */
export type Authenticate = (credentials: Credentials) => Caller | Promise<Caller>;

/** A step of the chain. Throws an ApiError to fail the call. */
export type Step = (call: Call) => void | Promise<void>;

/** Runs the steps in order; returns a promise only if one of them does. */
export function runSteps(steps: readonly Step[], call: Call, from = 0): void | Promise<void> {
  for (let i = from; i < steps.length; i++) {
    const pending = steps[i]!(call);
    if (pending !== undefined) return pending.then(() => runSteps(steps, call, i + 1));
  }
}

/** The chain's first part: authentication, authorization and rate limits, before any byte of the request is read. */
export function admission(authenticate: Authenticate, limits: RateLimits): readonly Step[] {
  return [throttle(limits), ...identification(authenticate, limits), throttleCaller(limits), limitRate(limits)];
}

/** Of these, who calls and whether they may: what can be asked twice. */
export function identification(authenticate: Authenticate, limits: RateLimits): readonly Step[] {
  return [identify(authenticate, limits), authorize];
}

export interface RateLimits {
  readonly callers: TokenBuckets;
  readonly players: TokenBuckets;
  readonly addresses: TokenBuckets;
  /** Of addresses without credential, for throttled RPCs that invite no guessing: an export must not bar a log-in. */
  readonly strangers: TokenBuckets;
  /** Of callers with a credential, for throttled RPCs that invite no guessing. */
  readonly throttled: TokenBuckets;
  /** Of addresses that send wrong credentials. */
  readonly wrong: TokenBuckets;
}

/** RPCs without a scope are those that invite guessing: every call counts, whatever credential it has. */
function throttle({ addresses }: RateLimits): Step {
  return (call) => {
    const { throttled, scope } = call.method.access;
    // To find an address takes 1 µs.
    if (throttled && scope === null) take(addresses, call.address);
  };
}

/** The others are only expensive: who is known has a larger limit of their own, which no neighbour uses up. */
function throttleCaller({ strangers, throttled }: RateLimits): Step {
  return (call) => {
    const { access } = call.method;
    if (!access.throttled || access.scope === null) return;
    const buckets = call.caller.role === 'anonymous' ? strangers : throttled;
    const name = call.account;
    take(buckets, name);
    call.throttle = () => buckets.take(name);
  };
}

/**
 * Wrong credentials cost the database a read and the log a line: an address that sends many is refused before either,
 * unless its credential is one that this server has proven before.
 */
function identify(authenticate: Authenticate, { wrong }: RateLimits): Step {
  return (call) => {
    const failed = (thrown: unknown): never => {
      if (thrown instanceof ApiError && thrown.reason === 'UNAUTHENTICATED') wrong.take(call.address);
      throw thrown;
    };
    const known = (caller: Caller): void => {
      call.caller = caller;
    };
    try {
      const caller = authenticate({
        bearer: bearer(first(call.metadata, 'authorization')),
        playerToken: first(call.metadata, 'x-auth-token'),
        operatorHeader: first(call.metadata, 'x-windfall-operator'),
        anyOperator: call.method.access.anyOperator,
        forwarded: () => call.forwarded,
        beforeProof: () => assertLeft(wrong, call.address),
      });
      return caller instanceof Promise ? caller.then(known, failed) : known(caller);
    } catch (thrown) {
      return failed(thrown);
    }
  };
}

function first(metadata: Metadata, name: string): string | undefined {
  return metadata.get(name)[0] as string | undefined;
}

function bearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (token === undefined)
    throw new ApiError('UNAUTHENTICATED', 'the header authorization is not "Bearer" and a credential');
  return token;
}

function authorize({ method: { access }, caller: { role, scopes, operator } }: Call): void {
  if (!access.roles.has(role)) {
    if (role === 'anonymous') throw new ApiError('UNAUTHENTICATED', 'this call needs a credential');
    throw new ApiError('PERMISSION_DENIED', `a caller of role ${role} may not do this`, { details: { role } });
  }
  if (operator === 0 && role !== 'root' && !access.anyOperator) {
    throw invalid('x-windfall-operator', 'must name an operator, in calls without a credential');
  }
  const { scope } = access;
  if (scope === null || role !== 'service' || scopes.has(scope)) return;
  throw new ApiError('SCOPE_MISSING', `the API key lacks the scope ${scope}`, { details: { scope } });
}

/** To open a stream takes 0.1 ms or more of the server. */
const CALLS_OF_STREAM = 5;

/** Anonymous callers have one bucket per address, so that one of them cannot use up the limit of all. */
function limitRate({ callers, players }: RateLimits): Step {
  return (call) => {
    call.buckets = call.caller.role === 'player' ? players : callers;
    const calls = call.method.desc.methodKind === 'unary' ? 1 : CALLS_OF_STREAM;
    refuseFor(call.buckets.spend(call.account, calls), 'calls');
  };
}

/** The chain's second part: from the bytes of a message to a request that satisfies the contract's rules. */
export type Receive = (bytes: Buffer, call: Call) => unknown;

export interface Reading {
  readonly input: DescMessage;
  readonly sizeMax: number;
  readonly decode: (bytes: Buffer) => unknown;
  readonly validate: Validate;
}

/**
 * Creates the second part for a method. Each message of a stream passes through it, and has its own idempotency
 * key.
 */
export function reception({ input, sizeMax, decode, validate }: Reading, stream: boolean): Receive {
  const has = (field: string): boolean => !stream && input.fields.some(({ name }) => name === field);
  const keyed = has('idempotency_key');
  const resumed = has('last_event_id');
  return (bytes, call) => {
    if (bytes.length > sizeMax)
      throw new ApiError('TOO_LARGE', `the message has ${bytes.length} bytes, at most ${sizeMax} are taken`);
    const request = decodeOrRefuse(decode, bytes);
    if (keyed) mergeKey(request as { idempotencyKey: string }, first(call.metadata, 'idempotency-key'));
    if (resumed) resume(request as { lastEventId: string }, first(call.metadata, 'last-event-id'));
    validate(request);
    return request;
  };
}

function decodeOrRefuse(decode: (bytes: Buffer) => unknown, bytes: Buffer): unknown {
  try {
    return decode(bytes);
  } catch {
    throw new ApiError('INVALID_ARGUMENT', 'the message cannot be decoded');
  }
}

/**
 * The header idempotency-key is another way to set the field. The request may be changed in place: it was just
 * decoded, and has no other users yet.
 */
function mergeKey(request: { idempotencyKey: string }, header: string | undefined): void {
  if (header === undefined || header === '' || header === request.idempotencyKey) return;
  if (request.idempotencyKey !== '') throw invalid('idempotency_key', 'differs from the header idempotency-key');
  request.idempotencyKey = header;
}

/**
 * A browser that reconnects repeats its URL, and adds the id of the last event that it has received: the header is
 * newer than the field.
 */
function resume(request: { lastEventId: string }, header: string | undefined): void {
  if (header !== undefined && header !== '') request.lastEventId = header;
}
