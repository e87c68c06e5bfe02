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
  /** A key that the request brings by its nature, unique in operator, brand and `name`. */
  readonly natural?: { readonly name: string; readonly key: string } | undefined;
  /** The request's hash, asked for only where there is a key. */
  readonly hash: () => string;
  readonly route: number;
}

/** The options of a command that an outside call runs: its key is scoped to operator, brand, operation and player. */
export function callOptions(
  { caller, signal, deadlineMs }: From, { operation, brand, key, natural, hash, route }: Sent,
): CallOptions {
  const { operator, name, role, userId } = caller;
  const scope = { operator, brand, operation, userId: role === 'player' ? userId : null };
  const keys: string[] = [];
  if (key !== '') keys.push(hashKey(scope, key));
  if (natural !== undefined) {
    keys.push(hashKey({ operator, brand, operation: natural.name, userId: null }, natural.key));
  }
  return { operator, caller: name, signal, deadlineMs, route, keys, requestHash: keys.length > 0 ? hash() : '' };
}
