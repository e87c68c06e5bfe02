import { ApiError, uuidv7, type OperatorNo } from '../kernel/index.ts';
import type { AssetNo, StatementLine } from './account.ts';
import type { Call } from './call.ts';
import { DeferredError, StaleVersionError, type CallOptions, type Snapshot } from './command.ts';
import type { FactMetadata, Fact, Operation } from './fact.ts';
import type { Loaded } from './load.ts';
import { keysOf } from './operation.ts';
import { recordDigest } from './receipt.ts';
import { checkTransfers, type State } from './state.ts';

/** A fact with its place in the journal. */
export interface Entry {
  readonly operation: Operation;
  readonly part: number;
  readonly fact: Fact;
  readonly aggregateSequence: number;
  readonly lines: readonly StatementLine[];
  /** The digest of its draw's record; undefined: it drew nothing, or receipts are not made. */
  readonly leaf: Buffer | undefined;
}

/** The result of a batch: the outcome of each call, and what has to be saved. */
export interface Decided {
  readonly outcomes: readonly Outcome[];
  readonly entries: readonly Entry[];
  /** Keys of the new operations. */
  readonly keys: readonly { readonly key: string; readonly operationId: string }[];
}

export type Outcome =
  | { readonly is: 'done'; readonly operation: Operation; readonly replayed: boolean }
  | { readonly is: 'refused'; readonly error: ApiError }
  | { readonly is: 'later' | 'stale' }
  | { readonly is: 'failed'; readonly error: unknown };

/**
 * Decides calls in order, each on the state that the previous ones left. An ApiError affects only its call: nothing was
 * folded. A call whose key was already used gets that operation; if two keys belong to different operations, it fails.
 * @param operatorName the name that records have of the operator; unset: no receipt is made.
 */
export function decide(
  operator: OperatorNo,
  calls: readonly Call[],
  loaded: Loaded,
  assetCode: (asset: AssetNo) => string,
  operatorName?: string,
): Decided {
  const { state, now, tx, epoch } = loaded;
  const known = new Map(loaded.known);
  const entries: Entry[] = [];
  const keys: { key: string; operationId: string }[] = [];
  const snapshot: Snapshot = {
    now,
    tx,
    epoch,
    operator,
    row: (table, id) => state.row(table, id),
    has: (table, id) => state.has(table, id),
    find: (table, code) => state.find(table, code),
  };
  const decideOne = ({ command, request, options }: Call, index: number): Outcome => {
    const earlier = replay(options, known);
    if (earlier !== undefined) return { is: 'done', operation: earlier, replayed: true };
    const facts = command.decide(request, snapshot);
    checkTransfers(facts, state, assetCode);
    // A call that changes nothing is not recorded: its key may be used again.
    if (facts.length === 0) return { is: 'done', operation: nothing(options, now, tx), replayed: false };
    const { caller, requestHash } = options;
    const operation: Operation = {
      id: uuidv7(Math.floor(now / 1000), index),
      time: now,
      tx,
      caller,
      requestHash,
      facts,
    };
    facts.forEach((fact, part) => entries.push(enter({ operation, part, operatorName }, fact, state)));
    for (const key of keysOf(options)) {
      known.set(key, operation);
      keys.push({ key, operationId: operation.id });
    }
    return { is: 'done', operation, replayed: false };
  };
  // Calls with the same route are decided in order: what comes after one that waits waits, too.
  const waiting = new Set<number>();
  const outcomes = calls.map((call, index): Outcome => {
    const { route } = call.options;
    if (waiting.has(route)) return { is: 'later' };
    try {
      return decideOne(call, index);
    } catch (thrown) {
      const outcome = outcomeOf(thrown);
      if (outcome.is === 'later') waiting.add(route);
      return outcome;
    }
  });
  return { outcomes, entries, keys };
}

function nothing({ caller, requestHash }: CallOptions, time: number, tx: number): Operation {
  return { id: '', time, tx, caller, requestHash, facts: [] };
}

/** Where a fact goes. */
interface Entering {
  readonly operation: Operation;
  readonly part: number;
  /** The name that records have of the operator; undefined: receipts are not made. */
  readonly operatorName: string | undefined;
}

function enter({ operation, part, operatorName: operator }: Entering, fact: Fact, state: State): Entry {
  const at: FactMetadata = { time: operation.time, tx: operation.tx, aggregate: fact.id, operationId: operation.id };
  try {
    const { sequence, lines } = state.fold(fact, at);
    const place = { part, operation: operation.id, time: operation.time };
    const record = operator === undefined ? undefined : fact.record?.({ operator, ...place });
    const leaf = record === undefined ? undefined : recordDigest(record);
    return { operation, part, fact, aggregateSequence: sequence, lines, leaf };
  } catch (error) {
    // The rows may be partly changed: no other call of the batch may be decided on them.
    throw new BrokenFold(`${fact.kind.name} does not fold`, { cause: error });
  }
}

/** A fact could not be folded: the whole batch is void. */
export class BrokenFold extends Error {}

function outcomeOf(thrown: unknown): Outcome {
  if (thrown instanceof BrokenFold) throw thrown;
  if (thrown instanceof ApiError) return { is: 'refused', error: thrown };
  if (thrown instanceof DeferredError) return { is: 'later' };
  if (thrown instanceof StaleVersionError) return { is: 'stale' };
  return { is: 'failed', error: thrown };
}

/** A key means the operation that it was first sent with; only a call with new keys asks what was done already. */
function replay({ keys, once, requestHash }: CallOptions, known: Map<string, Operation>): Operation | undefined {
  let earlier: Operation | undefined;
  for (const key of keys) {
    const operation = known.get(key);
    if (operation === undefined) continue;
    if (operation.requestHash !== requestHash || (earlier !== undefined && earlier.id !== operation.id))
      throw reused(operation);
    earlier = operation;
  }
  return earlier ?? (once === undefined ? undefined : known.get(once));
}

function reused({ id }: Operation): ApiError {
  return new ApiError('IDEMPOTENCY_KEY_REUSED', 'the idempotency key was used before, with another request', {
    details: { operation_id: id },
  });
}
