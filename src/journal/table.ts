import { bytesArray, int8Array, textArray, timeArray } from './binary.ts';

/**
 * How one kind of value stands in TypeScript and in PostgreSQL. `read` gets the text form that pg answers with, `select`
 * makes it.
 */
interface ColumnType<T> {
  readonly sql: 'int8' | 'text' | 'bytea' | 'timestamptz';
  readonly blank: T;
  readonly select: (name: string) => string;
  readonly read: (text: string) => T;
  readonly array: (values: readonly T[]) => Buffer;
}

const plain = (name: string): string => name;
const micros = (name: string): string => `(extract(epoch from ${name}) * 1000000)::int8`;

/** The kinds of columns of state rows. */
export const column = {
  /** An integer up to 2⁵³: ids, counters, versions. */
  integer: { sql: 'int8', blank: 0, select: plain, read: Number, array: int8Array } as ColumnType<number>,
  /** An amount in micro-units. */
  micros: { sql: 'int8', blank: 0n, select: plain, read: BigInt, array: int8Array } as ColumnType<bigint>,
  text: { sql: 'text', blank: '', select: plain, read: String, array: textArray } as ColumnType<string>,
  bytes: {
    sql: 'bytea',
    blank: new Uint8Array(),
    select: (name) => `encode(${name}, 'hex')`,
    read: (text) => Buffer.from(text, 'hex'),
    array: bytesArray,
  } as ColumnType<Uint8Array>,
  /** Microseconds since 1970. */
  time: { sql: 'timestamptz', blank: 0, select: micros, read: Number, array: timeArray } as ColumnType<number>,
};

export type Columns = Readonly<Record<string, ColumnType<any>>>;
type Values<C extends Columns> = { -readonly [K in keyof C]: C[K] extends ColumnType<infer T> ? T : never };

/** A state row: its number, how many facts have it as their aggregate, and its columns. */
export type RowOf<C extends Columns> = { readonly id: number; sequence: number } & Values<C>;

/** Locks are taken by rank, then table number, then id, so that batches never wait for each other in a circle. */
export type Rank = 1 | 2 | 3 | 4 | 5;

/**
 * One kind of state row. A row that is not stored is blank: zeros and empty strings. So a row needs no birth; lanes store
 * blank rows before they lock them, and a blank row means the same as none.
 */
export interface Table<Row> {
  readonly name: string;
  /** Stands in the journal for the table: never changed, never used again. */
  readonly number: number;
  readonly rank: Rank;
  /** The column by which rows are found from outside, unique in the operator where it is not empty. */
  readonly code: (keyof Row & string) | null;
  readonly columns: Columns;
  blank(id: number): Row;
  read(values: readonly string[]): Row;
  /** Parameters of `sql.update`: ids, then one array a column. */
  write(rows: readonly Row[]): Buffer[];
  readonly sql: TableSql;
}

/** Statements; $1 is always the operator, $2 the ids. */
interface TableSql {
  /** Selects all columns as `read` takes them, up to and without its `where`. */
  readonly columns: string;
  readonly select: string;
  readonly lock: string;
  readonly update: string;
  readonly make: string;
  readonly find: string;
}

interface TableOptions<C extends Columns> {
  readonly name: string;
  readonly number: number;
  readonly rank: Rank;
  readonly code?: keyof C & string;
  readonly columns: C;
}

const tables = new Map<number, Table<any>>();

/** Every table that was described, by number. */
export const allTables = (): Table<any>[] => [...tables.values()].sort((a, b) => a.number - b.number);

/** Describes one kind of state row; row type, statements and encoders follow from it. */
export function defineTable<C extends Columns>(options: TableOptions<C>): Table<RowOf<C>> {
  const { name, number, rank, columns } = options;
  const all: Columns = { id: column.integer, sequence: column.integer, ...columns };
  const keys = Object.keys(all);
  const types = Object.values(all);
  const blanks = Object.fromEntries(keys.map((key) => [key, all[key]!.blank]));
  if (tables.has(number)) throw new Error(`table number ${number} is taken by ${tables.get(number)!.name}`);
  const table: Table<RowOf<C>> = {
    name, number, rank, columns,
    code: options.code ?? null,
    blank: (id) => ({ ...blanks, id }) as RowOf<C>,
    read: (values) => Object.fromEntries(keys.map((key, i) => [key, types[i]!.read(values[i]!)])) as RowOf<C>,
    write: (rows) => keys.map((key, i) => types[i]!.array(rows.map((row) => row[key as keyof typeof row]))),
    sql: statements(name, all, options.code),
  };
  tables.set(number, table);
  return table;
}

/** The name of a property as a column: `fromPosition` is `from_position`. */
export function columnName(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function statements(table: string, all: Columns, code: string | undefined): TableSql {
  const names = Object.keys(all).map(columnName);
  const types = Object.values(all);
  const selected = names.map((name, i) => types[i]!.select(`t.${name}`)).join(', ');
  const columns = `select ${selected} from ${table} t`;
  const select = `${columns} where t.operator_id = $1 and t.id = any($2::int8[])`;
  const sets = names.slice(1).map((name) => `${name} = u.${name}`).join(', ');
  const arrays = types.map((type, i) => `$${i + 2}::${type.sql}[]`).join(', ');
  return {
    columns,
    select,
    lock: `${select} order by t.id for no key update`,
    // Each row is looked up by itself, then updated where it lies: joined to the table, 512 rows took 45 ms on a fresh
    // database of 2,000 players, where the planner expects few, and 4 ms on others; so they take 5 to 6 ms on both. The rows
    // are locked, so that none can move meanwhile.
    update: `update ${table} t set ${sets} from unnest(${arrays}) as u(${names.join(', ')}) `
      + `cross join lateral (select k.ctid as place from ${table} k where k.operator_id = $1 and k.id = u.id offset 0) k `
      + 'where t.operator_id = $1 and t.ctid = k.place',
    // The operator's own row routes the insert to one shard of a distributed database.
    make: `insert into ${table} as t (operator_id, id) select o.operator_id, u.id from operator o `
      + 'cross join unnest($2::int8[]) as u(id) where o.operator_id = $1 order by u.id on conflict do nothing',
    find: code === undefined ? '' : `select t.id, t.${columnName(code)} from ${table} t `
      + `where t.operator_id = $1 and t.${columnName(code)} collate "C" = any($2::text[]) and t.${columnName(code)} <> ''`,
  };
}
