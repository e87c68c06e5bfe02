import { hash, randomUUID } from 'node:crypto';
import { ApiError, type Caller, type OperatorNo } from '../kernel/index.ts';
import { Activity } from './activity.ts';
import type { BatchHost } from './batch.ts';
import type { Call } from './call.ts';
import type { CallOptions, Command } from './command.ts';
import { Lane } from './lane.ts';

/** The entry point of all writes. */
export class Journal {
  readonly #host: BatchHost;
  readonly #lanes: readonly Lane[];
  #closed = false;

  constructor(host: BatchHost, lanes: number) {
    this.#host = host;
    const activity = new Activity();
    this.#lanes = Array.from({ length: lanes }, () => new Lane(host, activity));
  }

  /**
   * Queues a command and resolves with its answer once its transaction is committed. Rejects with an ApiError, with
   * StaleVersionError, or with another Error for an internal error. Only UNAVAILABLE leaves open whether it took
   * effect.
   * @param onReplay is called before if a key was already used and the answer is that of the first call.
   */
  run<Request, Answer>(
    command: Command<Request, Answer>,
    request: Request,
    options: CallOptions,
    onReplay?: () => void,
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const done = (answer: unknown, replayed: boolean): void => {
        if (replayed) onReplay?.();
        resolve(answer as Answer);
      };
      this.queue({ command, request, options, resolve: done, reject });
    });
  }

  /** Queues a call; its outcome is reported by `resolve` or `reject`. The same as `run`, without a promise. */
  queue(call: Call): void {
    if (this.#closed) return call.reject(new ApiError('UNAVAILABLE', 'the server is stopping', { retryAfterMs: 1000 }));
    this.#lanes[call.options.route % this.#lanes.length]!.add(call);
  }

  /** Logs the internal error of one item of many. Returns the error for its caller, with the id that is in the log. */
  blame(error: unknown, command: string): ApiError {
    const id = randomUUID();
    this.#host.fault(error, command, id);
    return new ApiError('INTERNAL', `internal error ${id}`);
  }

  /** The number of batches that were run, and of their calls, since the start. */
  stats(): { batches: number; calls: number } {
    return this.#lanes.reduce(
      (sum, { stats }) => ({ batches: sum.batches + stats.batches, calls: sum.calls + stats.calls }),
      { batches: 0, calls: 0 },
    );
  }

  /** Accepts no more calls, finishes the waiting ones, and closes the connections. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}

/** The scope that an idempotency key is unique in. */
export interface KeyScope {
  readonly operator: OperatorNo;
  readonly brand: number;
  /** The command's name. */
  readonly operation: string;
  /** The player, if the caller is one; otherwise null. */
  readonly userId: string | null;
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * A key with its scope, hashed to 16 bytes, as a UUID. Different scopes and keys never have the same text: only the
 * last part is free-form. The 48 bits of milliseconds of a UUIDv7 stay in front, so that new keys go to the end of
 * their index: with 1,000,000 random keys each call of a batch dirtied a page. The other 80 bits are from the hash.
 */
export function hashKey({ operator, brand, operation, userId }: KeyScope, key: string): string {
  const hex = hash('sha256', `${operator}|${brand}|${operation}|${userId ?? ''}|${key}`, 'hex');
  const front = UUID_V7.test(key) ? key.slice(0, 13) : `${hex.slice(20, 28)}-${hex.slice(28, 32)}`;
  return `${front}-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8, 20)}`;
}

/**
 * A key that a request contains by its nature, such as the id of a wager. Unique in operator, brand, operation and
 * `of`.
 */
export interface NaturalKey {
  /** The number of the definition that it belongs to; 0: none. */
  readonly of: number;
  readonly key: string;
}

/** A natural key with its scope, hashed like `hashKey`. It does not depend on the caller. */
export function hashNaturalKey(
  { operator, brand, operation }: Omit<KeyScope, 'userId'>,
  { of, key }: NaturalKey,
): string {
  return hashKey({ operator, brand, operation: `${operation}/natural/${of}`, userId: null }, key);
}

/** The key of an operation that happens at most once to `of`, whoever asks for it: see `CallOptions.once`. */
export function hashOnceKey(operator: OperatorNo, operation: string, of: number | string): string {
  return hashKey({ operator, brand: 0, operation: `${operation}/once/${of}`, userId: null }, '');
}

/** The context of an outside call. */
interface CallSource {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

interface SentRequest {
  /** The command's name. */
  readonly operation: string;
  readonly brand: number;
  /** The idempotency key; empty: none. */
  readonly key: string;
  readonly natural?: NaturalKey | undefined;
  /** To what the operation happens at most once: the number of a row, or several. */
  readonly once?: number | string | undefined;
  /** The request's hash, called only if there is a key. */
  readonly hash: () => string;
  readonly route: number;
}

/** The options of a command that an outside call runs. Its key is scoped to operator, brand, operation and player. */
export function callOptions(
  { caller, signal, deadlineMs }: CallSource,
  { operation, brand, key, natural, once, hash, route }: SentRequest,
): CallOptions {
  const { operator, name, role, userId } = caller;
  const scope = { operator, brand, operation, userId: role === 'player' ? userId : null };
  const keys: string[] = [];
  if (key !== '') keys.push(hashKey(scope, key));
  if (natural !== undefined) {
    keys.push(hashNaturalKey(scope, natural));
  }
  return {
    operator,
    caller: name,
    signal,
    deadlineMs,
    route,
    keys,
    once: once === undefined ? undefined : hashOnceKey(operator, operation, once),
    requestHash: keys.length > 0 ? hash() : '',
  };
}

/**
 * The options of a command that a task runs. @param once the command's name and the row, if calls run it too and it
 * happens at most once.
 */
export const taskOptions = (
  operator: OperatorNo,
  route: number,
  once?: { readonly operation: string; readonly of: number },
): CallOptions => ({
  operator,
  caller: 'task',
  keys: [],
  once: once === undefined ? undefined : hashOnceKey(operator, once.operation, once.of),
  requestHash: '',
  route,
  deadlineMs: Infinity,
});
