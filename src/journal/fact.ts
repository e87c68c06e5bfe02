import type { Transfer } from './account.ts';
import type { Table } from './table.ts';

/** Where `evolve` finds the rows it changes. Editing makes a row part of what is saved. */
export interface Rows {
  edit<Row>(table: Table<Row>, id: number): Row;
}

/** Where a fact stands: the batch's clock in microseconds since 1970, its transaction, aggregate and operation. */
export interface At {
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
  evolve(data: Data, rows: Rows, at: At): void;
}

/** What happened, as data: facts are all that a decision leaves. */
export interface Fact<Data = any> {
  readonly kind: FactKind<Data>;
  /** The number of its aggregate, a row of `kind.aggregate` that the command needs. */
  readonly id: number;
  readonly data: Data;
  readonly transfers: readonly Transfer[];
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

const kinds = new Map<number, FactKind<any>>();
const slot = (number: number, version: number): number => number * 1000 + version;

/** Registers a kind of fact, so that the journal can be read back. */
export function defineFact<Data>(kind: FactKind<Data>): FactKind<Data> {
  const at = slot(kind.number, kind.version);
  if (kinds.has(at)) throw new Error(`fact kind ${kind.number} version ${kind.version} is defined twice`);
  kinds.set(at, kind);
  return kind;
}

/** The kind that a journal row names. Throws if this program does not know it. */
export function factKind(number: number, version: number): FactKind<any> {
  const kind = kinds.get(slot(number, version));
  if (kind === undefined) throw new Error(`the journal holds fact kind ${number} version ${version}, unknown here`);
  return kind;
}
