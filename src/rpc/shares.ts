import { ApiError, type Role } from '../kernel/index.ts';
import type { Call } from './call.ts';
import type { Step } from './chain.ts';
import type { Limits } from './limits.ts';

/** Streams last: there is no use in trying again at once. */
const FULL_MS = 10_000;
/** A call takes 5 ms. */
const BUSY_MS = 250;

/** Counts what is open, by name. */
class Places<Name> {
  readonly #open = new Map<Name, number>();

  /** Takes a place until the call ends. Returns whether there was one. */
  take(name: Name, max: number, call: Call): boolean {
    const count = this.#open.get(name) ?? 0;
    if (count >= max) return false;
    this.#open.set(name, count + 1);
    call.onEnd(() => this.#leave(name));
    return true;
  }

  #leave(name: Name): void {
    const left = this.#open.get(name)! - 1;
    if (left === 0) this.#open.delete(name);
    else this.#open.set(name, left);
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
      if (!streams.take(owner, limits.streamsOperator, call)) throw full('streams of one operator', FULL_MS);
      return;
    }
    if (!callers.take(call.account, limits.inFlightEach, call)) throw full('calls of one caller', BUSY_MS);
    if (!calls.take(owner, limits.inFlightOperator, call)) throw full('calls of one operator', BUSY_MS);
  };
}

/**
 * Limits the open streams of one caller, and of one address without credential, so that nobody takes up all places.
 * @param spared who is known, and may serve many.
 */
export function limitStreams(max: number, spared: readonly Role[]): Step {
  const open = new Places<string>();
  return (call) => {
    if (!spared.includes(call.caller.role) && !open.take(call.account, max, call))
      throw new ApiError('OVERLOADED', `only ${max} streams at a time`, { retryAfterMs: FULL_MS });
  };
}

const full = (what: string, retryAfterMs: number): ApiError =>
  new ApiError('OVERLOADED', `too many ${what} are being served: nothing was done`, { retryAfterMs });
