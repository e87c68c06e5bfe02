import type { Transfer } from './account.ts';
import type { TaskOrder } from './order.ts';
import type { Table } from './table.ts';

/** Where `evolve` finds the rows it changes. Editing makes a row part of what is saved. */
export interface Rows {
  edit<Row>(table: Table<Row>, id: number): Row;
}

/** Where a fact stands: the batch's clock in microseconds since 1970, its transaction, aggregate and operation. */
export interface FactMetadata {
  readonly time: number;
  readonly tx: number;
  readonly aggregate: number;
  readonly operationId: string;
}

/**
 * One kind of fact. `evolve` is the only code that changes state, run by lanes and by `verify` alike: total, and a function
 * of fact, rows and `at` alone. A new shape is a new version, and old ones stay.
 */
export interface FactKind<Data> {
  readonly name: string;
  /** Stands in the journal for the kind: never changed, never used again. */
  readonly number: number;
  readonly version: number;
  /** Null: facts of administrative writes, which lanes neither make nor fold. */
  readonly aggregate: Table<any> | null;
  readonly codec: { encode(data: Data): { finish(): Uint8Array }; decode(bytes: Uint8Array): Data };
  evolve(data: Data, rows: Rows, at: FactMetadata): void;
  /** The numbers of the players whom a fact is about, besides those whose accounts it moves. */
  readonly players?: (data: Data, aggregate: number) => readonly number[];
}

/** Describes a kind of fact; the data's type follows from its codec. */
export const defineFact = <Data>(kind: FactKind<Data>): FactKind<Data> => kind;

/** What happened, as data: facts are all that a decision leaves. */
export interface Fact<Data = any> {
  readonly kind: FactKind<Data>;
  /** The number of its aggregate, a row of `kind.aggregate` that the command needs. */
  readonly id: number;
  readonly data: Data;
  readonly transfers: readonly Transfer[];
  /** What is to be done later because of it, made durable by the transaction that saves it. */
  readonly tasks?: readonly TaskOrder[];
}

/** An operation as the journal has it. */
export interface Operation {
  readonly id: string;
  readonly time: number;
  readonly tx: number;
  readonly caller: string;
  /** The first request's hash, 16 bytes as a latin1 string. */
  readonly requestHash: string;
  readonly facts: readonly Fact[];
}
