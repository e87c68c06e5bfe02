import type { Caller } from '../kernel/index.ts';
import type { CallOptions } from './command.ts';
import { hashKey } from './journal.ts';

/** What a call brings along from outside. */
interface From {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

interface Sent {
  /** The command's name. */
  readonly operation: string;
  readonly brand: number;
  /** The idempotency key; empty: none. */
  readonly key: string;
  /** The request's hash, asked for only where there is a key. */
  readonly hash: () => string;
  readonly route: number;
}

/** The options of a command that an outside call runs: its key is scoped to operator, brand, operation and player. */
export function callOptions({ caller, signal, deadlineMs }: From, { operation, brand, key, hash, route }: Sent): CallOptions {
  const { operator, name, role, userId } = caller;
  const scope = { operator, brand, operation, userId: role === 'player' ? userId : null };
  const keyed = key !== '';
  return {
    operator, caller: name, signal, deadlineMs, route,
    keys: keyed ? [hashKey(scope, key)] : [],
    requestHash: keyed ? hash() : '',
  };
}
