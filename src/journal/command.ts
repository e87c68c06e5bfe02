import type { OperatorNo } from '../kernel/index.ts';
import type { Fact, Operation } from './fact.ts';
import type { Rank, Table } from './table.ts';

/** What a command asks for before it decides. */
export interface RowRequests {
  /** A row that the decision or its facts change: locked until the batch is committed. */
  lock(table: Table<any>, id: number): void;
  /** A row that is only looked at: read after the locks are held, not locked. */
  read(table: Table<any>, id: number): void;
  /** The row that has this code, if any. */
  find(table: Table<any>, code: string): void;
}

/** What is loaded so far. */
export interface LoadedRows {
  /** A row that was asked for before. */
  row<Row>(table: Table<Row>, id: number): Readonly<Row>;
}

/** All that a decision may look at. */
export interface Snapshot extends LoadedRows {
  /** The database's clock, read after the locks were taken: microseconds since 1970. */
  readonly now: number;
  /** The batch's transaction. */
  readonly tx: number;
  readonly operator: OperatorNo;
  /** A row that `needs` asked for, with what earlier commands of the batch did to it. Blank if it is not stored. */
  row<Row>(table: Table<Row>, id: number): Readonly<Row>;
  /** Whether a row was asked for. */
  has(table: Table<any>, id: number): boolean;
  /** The number of the row with this code, which `needs` asked for. */
  find(table: Table<any>, code: string): number | undefined;
}

/**
 * One kind of write. `needs` and `decide` are pure: they may run again with fresher rows, and only what a committed batch
 * holds has happened. `decide` refuses by throwing an ApiError, waits for the next batch by throwing DeferredError, and asks for a
 * fresher request (a definition has changed) by throwing StaleVersionError.
 */
export interface Command<Request, Answer> {
  /** As "lootbox.open": the operation of an idempotency key. */
  readonly name: string;
  needs(request: Request, rows: RowRequests): void;
  /** The lowest rank of the rows that `needsThen` asks for. */
  readonly later?: Rank;
  /**
   * Asks for rows that only others tell: who contributed last. Runs with the rows below `later` locked, as they are stored:
   * what earlier commands of the batch do to them is not in them yet, so that `decide` may have to throw DeferredError.
   */
  needsThen?(request: Request, rows: RowRequests, loaded: LoadedRows): void;
  decide(request: Request, snapshot: Snapshot): readonly Fact[];
  /** The answer of the first call and of every replay, from the journal's words alone. */
  answer(operation: Operation, replayed: boolean): Answer;
}

/** Thrown by `decide`: this call must wait for the next batch. */
export class DeferredError extends Error {}
/** Thrown by `decide`, and what the call is rejected with: the request was made from a definition that has changed. */
export class StaleVersionError extends Error {}

/** Who calls, and how a repeated call is known. */
export interface CallOptions {
  readonly operator: OperatorNo;
  readonly caller: string;
  /** Idempotency keys with their scope, hashed to 16 bytes, as UUIDs: the client's and natural ones. */
  readonly keys: readonly string[];
  /** 16 bytes as a latin1 string: tells whether a key was sent with another request. */
  readonly requestHash: string;
  /** The aggregate that the call is about: calls with the same route are decided in order. */
  readonly route: number;
  /** When the caller stops waiting, in epoch milliseconds; Infinity: never. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}
