import { ApiError, type Role } from '../kernel/index.ts';
import type { Step } from './chain.ts';
import type { Limits } from './limits.ts';

/** Streams last: there is no use in trying again at once. */
const FULL_MS = 10_000;
/** A call takes 5 ms. */
const BUSY_MS = 250;

/** Counts what is open, by name. */
class Places<Name> {
  readonly #open = new Map<Name, { count: number }>();

  /** Takes a place. Returns whether there was one. */
  take(name: Name, max: number): boolean {
    const open = this.#open.get(name);
    if (open === undefined) {
      this.#open.set(name, { count: 1 });
      return true;
    }
    if (open.count >= max) return false;
    open.count += 1;
    return true;
  }

  leave(name: Name): void {
    const open = this.#open.get(name)!;
    open.count -= 1;
    if (open.count === 0) this.#open.delete(name);
  }
}

/** Strangers share one share, whichever operator they name. */
const STRANGERS = -1;

/**
 * Keeps places for others: no caller holds more than half of those for calls, no operator more than three quarters of
 * those for calls or for streams of responses, and all strangers together count as one operator.
 */
export function keepShares(limits: Limits): Step {
  const callers = new Places<string>();
  const [calls, streams] = [new Places<number>(), new Places<number>()];
  return (call) => {
    const { role, operator } = call.caller;
    const owner = role === 'anonymous' ? STRANGERS : operator;
    if (call.isStream) {
      if (!streams.take(owner, limits.streamsOperator)) throw full('streams of one operator', FULL_MS);
      return call.onEnd(() => streams.leave(owner));
    }
    const { account } = call;
    if (!callers.take(account, limits.inFlightEach)) throw full('calls of one caller', BUSY_MS);
    if (!calls.take(owner, limits.inFlightOperator)) {
      callers.leave(account);
      throw full('calls of one operator', BUSY_MS);
    }
    call.onEnd(() => {
      callers.leave(account);
      calls.leave(owner);
    });
  };
}

/**
 * Limits the open streams of one caller, and of one address without credential, so that nobody takes up all places.
 * @param spared who is known, and may serve many.
 */
export function limitStreams(max: number, spared: readonly Role[]): Step {
  const open = new Places<string>();
  return (call) => {
    if (spared.includes(call.caller.role)) return;
    const { account } = call;
    if (!open.take(account, max))
      throw new ApiError('OVERLOADED', `only ${max} streams at a time`, { retryAfterMs: FULL_MS });
    call.onEnd(() => open.leave(account));
  };
}

const full = (what: string, retryAfterMs: number): ApiError =>
  new ApiError('OVERLOADED', `too many ${what} are being served: nothing was done`, { retryAfterMs });
