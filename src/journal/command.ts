import type { OperatorNo } from '../kernel/index.ts';
import type { Epoch } from './epoch.ts';
import type { Fact, Operation } from './fact.ts';
import type { Rank, Table } from './table.ts';

/** Collects the rows that a command needs before it decides. */
export interface RowRequests {
  /** A row that the decision or its facts change: locked until the batch is committed. */
  lock(table: Table<any>, id: number): void;
  /** A row that is only read: after the locks are held, without a lock. */
  read(table: Table<any>, id: number): void;
  /** The row that has this code, if any: only its number. */
  find(table: Table<any>, code: string): void;
  /**
   * The row that has this code, if it is stored: locked like `lock`. So rows for a pair (a player's entry in a round)
   * need no look-up before the call is queued. Request the rows of a table either by number or by code: a batch that
   * does both could deadlock with another one.
   */
  lockCode(table: Table<any>, code: string): void;
}

/** The rows that are loaded so far. */
export interface LoadedRows {
  /** A row that was requested before. */
  row<Row>(table: Table<Row>, id: number): Readonly<Row>;
  /** The number of the row with this code, which was requested before. */
  find(table: Table<any>, code: string): number | undefined;
}

/** All that a decision may depend on. */
export interface Snapshot extends LoadedRows {
  /** The database's clock, read after the locks were taken: microseconds since 1970. */
  readonly now: number;
  /** The batch's transaction. */
  readonly tx: number;
  readonly epoch: Epoch;
  readonly operator: OperatorNo;
  /** A row that `needs` requested, with the changes of earlier commands of the batch. Blank if it is not stored. */
  row<Row>(table: Table<Row>, id: number): Readonly<Row>;
  /** Whether a row was requested. */
  has(table: Table<any>, id: number): boolean;
  /** The number of the row with this code, which `needs` requested or the batch has created. */
  find(table: Table<any>, code: string): number | undefined;
}

/**
 * One kind of write. `needs` and `decide` are pure: they may run again with fresher rows, and only what a committed
 * batch contains has happened. `decide` throws an ApiError to fail the call, DeferredError to wait for the next batch,
 * and StaleVersionError if it needs a request made from a newer definition (optimistic concurrency).
 */
export interface Command<Request, Answer> {
  /** Such as "lootbox.open": the operation of an idempotency key. */
  readonly name: string;
  /** How many rewards it may draw, or the like, at 10 to 15 µs each; unset: 1. Counts against the caller. */
  readonly work?: (request: Request) => number;
  needs(request: Request, rows: RowRequests): void;
  /** The lowest rank of the rows that `needsThen` requests. */
  readonly later?: Rank;
  /**
   * Requests rows that are known only from other rows: the player who contributed last. Runs with the rows below
   * `later` locked and as they are stored. They do not have the changes of earlier commands of the batch yet, so
   * `decide` may have to throw DeferredError.
   */
  needsThen?(request: Request, rows: RowRequests, loaded: LoadedRows): void;
  decide(request: Request, snapshot: Snapshot): readonly Fact[];
  /** The answer of the first call and of every replay, computed only from the journal. */
  answer(operation: Operation, replayed: boolean): Answer;
  /** The player whom a new call shows to be active, even if it changes nothing; 0: none. See activity.ts. */
  readonly active?: (request: Request) => number;
}

/** Thrown by `decide`: this call must wait for the next batch. */
export class DeferredError extends Error {}
/** Thrown by `decide`; the call is rejected with it. The request was made from a definition that has changed. */
export class StaleVersionError extends Error {}

/** Who calls, and how a repeated call is recognized. */
export interface CallOptions {
  readonly operator: OperatorNo;
  readonly caller: string;
  /** Idempotency keys with their scope, hashed to 16 bytes, as UUIDs: the client's and natural ones. */
  readonly keys: readonly string[];
  /**
   * The key of what happens at most once, such as the close of a round: whoever asks again gets the first answer, also
   * with another key or request. One of `keys` that was used before goes first. Hashed like those, and not among them.
   */
  readonly once?: string | undefined;
  /** 16 bytes as a latin1 string: shows whether a key was sent with a different request. */
  readonly requestHash: string;
  /** The aggregate that the call is about: calls with the same route are decided in order. */
  readonly route: number;
  /** When the caller stops waiting, in epoch milliseconds; Infinity: never. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}
