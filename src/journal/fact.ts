import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Transfer } from './account.ts';
import type { TaskOrder } from './order.ts';
import type { Table } from './table.ts';

/** Gives `evolve` the rows that it changes. A row that is edited will be saved. */
export interface Rows {
  edit<Row>(table: Table<Row>, id: number): Row;
  /** A row that nothing has requested, because its number is new: it is blank, and will be inserted. */
  create<Row>(table: Table<Row>, id: number): Row;
}

/** A fact's metadata: the batch's clock in microseconds since 1970, its transaction, aggregate and operation. */
export interface FactMetadata {
  readonly time: number;
  readonly tx: number;
  readonly aggregate: number;
  readonly operationId: string;
}

/**
 * One kind of fact. `evolve` is the only code that changes state; lanes and `verify` both run it. It never fails, and
 * depends only on fact, rows and `at`. A new shape is a new version, and old ones stay.
 */
export interface FactKind<Data> {
  readonly name: string;
  /** Identifies the kind in the journal: never changed, never reused. */
  readonly number: number;
  readonly version: number;
  /** Null: facts of administrative writes, which lanes neither create nor fold. */
  readonly aggregate: Table<any> | null;
  readonly codec: {
    encode(data: Data, writer?: BinaryWriter): { finish(): Uint8Array };
    decode(bytes: Uint8Array): Data;
  };
  evolve(data: Data, rows: Rows, at: FactMetadata): void;
  /** The numbers of the players whom a fact is about, besides those whose accounts its transfers change. */
  readonly players?: (data: Data, aggregate: number) => readonly number[];
}

/** Describes a kind of fact; the data's type follows from its codec. */
export const defineFact = <Data>(kind: FactKind<Data>): FactKind<Data> => kind;

/** Where a fact stands in the journal, as records say it. */
export interface FactPlace {
  /** The operator's name. */
  readonly operator: string;
  /** The operation's id, and the index of the fact in it. */
  readonly operation: string;
  readonly part: number;
  /** Microseconds since 1970. */
  readonly time: number;
}

/** An event, as data: facts are the only result of a decision. */
export interface Fact<Data = any> {
  readonly kind: FactKind<Data>;
  /** The number of its aggregate, a row of `kind.aggregate` that the command needs. */
  readonly id: number;
  readonly data: Data;
  readonly transfers: readonly Transfer[];
  /** Whether its aggregate is a new row, which the command did not need: see `Rows.create`. */
  readonly creates?: boolean;
  /** If it contains a draw: the text of the draw's record, once its place in the journal is known. Never throws. */
  readonly record?: (place: FactPlace) => string;
  /** Tasks to run later because of it. They are saved in the fact's transaction (an outbox). */
  readonly tasks?: readonly TaskOrder[];
}

/** An operation as stored in the journal. */
export interface Operation {
  readonly id: string;
  readonly time: number;
  readonly tx: number;
  readonly caller: string;
  /** The first request's hash, 16 bytes as a latin1 string. */
  readonly requestHash: string;
  readonly facts: readonly Fact[];
}
