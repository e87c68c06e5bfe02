import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery, sql, type Kysely, type SelectQueryBuilder, type SqlBool } from 'kysely';
import { readTime } from '../db/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import type { Operation } from './fact.ts';
import { readFact } from './operation.ts';
import type { Register } from './register.ts';
import type { Table } from './table.ts';

type Snake<S extends string> = S extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${Snake<Tail>}`
  : S;
/** The columns of a state table, by their names in the database. */
type ColumnsOf<Row> = { [K in keyof Row as K extends string ? Snake<K> : never]: Row[K] } & { operator_id: number };

/** Adds `where`, `orderBy` and `limit` to a select. The table is `t`. */
type Narrow<Row> = (
  query: SelectQueryBuilder<{ t: ColumnsOf<Row> }, 't', object>,
) => SelectQueryBuilder<{ t: ColumnsOf<Row> }, 't', object>;

/** Reads stored state rows of an operator. */
export async function readRows<Row>(
  em: EntityManager,
  table: Table<Row>,
  operator: OperatorNo,
  narrow: Narrow<Row>,
): Promise<Row[]> {
  const all = (em.getKysely() as unknown as Kysely<any>)
    .selectFrom(`${table.name} as t`)
    .selectAll('t')
    .where('t.operator_id', '=', operator);
  const rows = await narrow(all as never).execute();
  return rows.map((columns) => table.fromColumns(columns as Record<string, unknown>));
}

/**
 * Runs a constant statement: $1, $2 … are its values. Reads that players make on every screen use it: a row by its
 * number takes 141 µs of Node; 150 if Kysely builds the query each time.
 */
export async function readText<Columns>(
  em: EntityManager,
  text: string,
  values: readonly unknown[],
): Promise<Columns[]> {
  return (await em.getKysely().executeQuery<Columns>(CompiledQuery.raw(text, [...values]))).rows;
}

/** Reads stored state rows by their numbers; those that are not stored are omitted. */
export async function readRowsById<Row extends { readonly id: number }>(
  em: EntityManager,
  table: Table<Row>,
  operator: OperatorNo,
  ids: readonly number[],
): Promise<Row[]> {
  if (ids.length === 0) return [];
  const text = `select t.* from ${table.name} t where t.operator_id = $1 and t.id = any($2::int8[])`;
  return (await readText<Record<string, unknown>>(em, text, [operator, ids])).map((columns) =>
    table.fromColumns(columns),
  );
}

/** The stored row with a code. */
export async function findRow<Row extends { readonly id: number }>(
  em: EntityManager,
  table: Table<Row>,
  operator: OperatorNo,
  code: string,
): Promise<Row | undefined> {
  const text = `select t.* from ${table.name} t where t.operator_id = $1 and t.code = $2 and t.code <> ''`;
  const [columns] = await readText<Record<string, unknown>>(em, text, [operator, code]);
  return columns === undefined ? undefined : table.fromColumns(columns);
}

interface JournalTables {
  journal: {
    operator_id: number;
    operation_id: string;
    part: number;
    kind: number;
    version: number;
    aggregate_id: number;
    aggregate_sequence: number;
    tx: string;
    time: string;
    caller: string;
    request_hash: Buffer;
    transfers: string;
    fact: Buffer;
  };
  journal_key: { operator_id: number; key: string; operation_id: string };
}

export const journalOf = (em: EntityManager): Kysely<JournalTables> => em.getKysely();
export const COLUMNS = [
  'j.operation_id',
  'j.part',
  'j.kind',
  'j.version',
  'j.aggregate_id',
  'j.aggregate_sequence',
  'j.tx',
  'j.time',
  'j.caller',
  'j.request_hash',
  'j.fact',
] as const;
export const transfers = sql<string>`j.transfers::text`.as('transfers');

/** An operation by its id. */
export async function findOperation(
  em: EntityManager,
  register: Register,
  operator: OperatorNo,
  id: string,
): Promise<Operation | undefined> {
  return (await findOperations(em, register, operator, [id]))[0];
}

/** Operations by their ids, in no order; those that are not stored are omitted. */
export async function findOperations(
  em: EntityManager,
  register: Register,
  operator: OperatorNo,
  ids: readonly string[],
): Promise<Operation[]> {
  const rows = await journalOf(em)
    .selectFrom('journal as j')
    .select(COLUMNS)
    .select(transfers)
    .where('j.operator_id', '=', operator)
    .where(sql<SqlBool>`j.operation_id = any(${ids}::uuid[])`)
    .orderBy('j.operation_id')
    .orderBy('j.part')
    .execute();
  return operationsOf(register, rows);
}

/** An operation by an idempotency key, hashed with its scope by `hashKey`. */
export async function findOperationByKey(
  em: EntityManager,
  register: Register,
  operator: OperatorNo,
  key: string,
): Promise<Operation | undefined> {
  const rows = await journalOf(em)
    .selectFrom('journal_key as k')
    .innerJoin('journal as j', (join) =>
      join.onRef('j.operator_id', '=', 'k.operator_id').onRef('j.operation_id', '=', 'k.operation_id'),
    )
    .select(COLUMNS)
    .select(transfers)
    .where('k.operator_id', '=', operator)
    .where('k.key', '=', key)
    .orderBy('j.part')
    .execute();
  return operationsOf(register, rows)[0];
}

/** The columns of a fact. */
export type Row = Pick<
  JournalTables['journal'],
  | 'operation_id'
  | 'kind'
  | 'version'
  | 'aggregate_id'
  | 'tx'
  | 'time'
  | 'caller'
  | 'request_hash'
  | 'fact'
  | 'transfers'
>;

/** Groups the rows of operations, in the order of the first row of each. */
export function operationsOf(register: Register, rows: readonly Row[]): Operation[] {
  return [...Map.groupBy(rows, (row) => row.operation_id)].map(([id, parts]) => {
    const { tx, time, caller, request_hash: hash } = parts[0]!;
    const facts = parts.map((part) =>
      readFact(register, {
        kind: String(part.kind),
        version: String(part.version),
        aggregate: String(part.aggregate_id),
        transfers: part.transfers,
        fact: part.fact,
      }),
    );
    return { id, tx: Number(tx), time: readTime(time), caller, requestHash: hash.toString('latin1'), facts };
  });
}
