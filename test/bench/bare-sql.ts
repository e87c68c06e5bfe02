/**
 * The yardstick of batches: the SQL of a batch, and nothing else. Its two round trips are those of the write path, on a
 * connection of its kind: begin, locks, clock, look-ups and keys; then all updates and inserts, and the commit. The
 * write path's own code creates the statements and their binary parameters before the clock starts, so what is measured
 * decides nothing, draws nothing and encodes nothing.
 */
import { connect, statement, type Connection, type Statement } from '../../src/journal/connection.ts';
import { int8Array, uuidArray } from '../../src/journal/binary.ts';
import type { Entry } from '../../src/journal/decide.ts';
import type { Fact, Operation, Table } from '../../src/journal/index.ts';
import { OPERATION, operationsByKey, readOperations } from '../../src/journal/operation.ts';
import { save } from '../../src/journal/save.ts';
import type { State } from '../../src/journal/state.ts';
import { uuidv7 } from '../../src/kernel/index.ts';
import { engines } from '../../src/engines/index.ts';
import { registerOf } from '../../src/schema.ts';
import type { Driver } from './driver.ts';

export interface SqlOptions {
  readonly databaseUrl: string;
  /** How many batches run at once. Like lanes, connections share no rows. */
  readonly connections: number;
  /** Whether the rows are locked and read before they are written. */
  readonly locks: boolean;
}

const register = registerOf(engines);

export const OPERATOR = 1;
export const BATCH = 512;

/** A statement with its parameters. */
export interface Prepared {
  readonly statement: Statement;
  readonly values: unknown[];
}

export interface Batch {
  readonly locks: readonly Prepared[];
  readonly looks: readonly Prepared[];
  readonly saves: readonly Prepared[];
}

/** Creates batches for the connection with the number `connection`: no two connections have a row in common. */
export type Prepare = (read: Reader, connection: number) => Promise<() => Promise<Batch>>;

/** Reads what is stored now. */
export interface Reader {
  all<Row extends { readonly id: number }>(table: Table<Row>): Promise<Row[]>;
  /** A real operation of a kind, whose fact and amounts all prepared ones have. */
  sample(kind: number): Promise<Operation>;
}

const begin = statement('begin', 'begin isolation level read committed');
const moment = statement(
  'moment',
  'select (extract(epoch from clock_timestamp()) * 1000000)::int8, pg_current_xact_id()',
);

/**
 * A driver whose calls are batches. @param mostPerSecond batches are prepared for this rate; a faster slice ends early.
 */
export async function openSql(
  { databaseUrl, connections, locks }: SqlOptions,
  mostPerSecond: number,
  prepare: Prepare,
): Promise<Driver> {
  const own = await Promise.all(Array.from({ length: connections }, () => connect(databaseUrl)));
  let waiting: Batch[][] = [];
  return {
    async prepare(seconds) {
      // Other cases have written the same rows since: all that is prepared starts from what is stored now.
      waiting = await Promise.all(
        own.map(async (connection, n) => {
          const next = await prepare(readerOf(connection), n);
          const batches: Batch[] = [];
          for (let left = Math.ceil((seconds * mostPerSecond) / BATCH / connections); left > 0; left--)
            batches.push(await next());
          return batches;
        }),
      );
    },
    async call(caller) {
      const batch = waiting[caller]!.shift();
      if (batch !== undefined) await run(own[caller]!, batch, locks);
      return batch === undefined ? 0 : BATCH;
    },
    close: async () => void (await Promise.all(own.map((connection) => connection.end()))),
  };
}

async function run(connection: Connection, { locks, looks, saves }: Batch, locking: boolean): Promise<void> {
  const send = (one: Prepared) => connection.run(one.statement, one.values);
  const [
    ,
    ,
    {
      rows: [clock],
    },
  ] = await Promise.all([
    connection.run(begin),
    Promise.all(locking ? locks.map(send) : []),
    connection.run(moment),
    ...looks.map(send),
  ]);
  const journal = saves.find((one) => one.statement.name === 'insert_journal')!;
  [journal.values[2], journal.values[1]] = clock!;
  const answers = await Promise.all(saves.map(send));
  if (answers.at(-1)!.tag !== 'COMMIT') throw new Error('the batch was not committed');
}

function readerOf(connection: Connection): Reader {
  return {
    async all(table) {
      const text = `${table.sql.columns} where t.operator_id = $1`;
      const { rows } = await connection.run(statement(`all_${table.name}`, text), [OPERATOR]);
      return rows.map((values) => table.read(values));
    },
    async sample(kind) {
      const text =
        `select j.operation_id, ${OPERATION} from journal j ` + `where j.operator_id = $1 and j.kind = ${kind} limit 1`;
      const { rows } = await connection.run(statement(`sample_${kind}`, text), [OPERATOR]);
      return readOperations(register, rows).values().next().value!;
    },
  };
}

/**
 * Folds facts into locked rows, and has the write path save them on a connection that only takes notes. Keys are in the
 * order of time, as the hashes of UUIDv7 keys are.
 */
export async function prepareSaves(
  state: State,
  like: Operation,
  facts: readonly Fact[],
): Promise<{ saves: Prepared[]; keys: string[] }> {
  const at = { operationId: '', time: Date.now() * 1000, tx: 1 };
  const entries = facts.map((fact, i): Entry => {
    const operation = { ...like, ...at, id: uuidv7(Math.floor(at.time / 1000), i), facts: [fact] };
    const { sequence, lines } = state.fold(fact, { ...at, aggregate: fact.id });
    return { operation, part: 0, fact, aggregateSequence: sequence, lines, leaf: undefined };
  });
  const keys = entries.map(({ operation }) => ({ key: uuidv7(Date.now(), 0), operationId: operation.id }));
  const saves: Prepared[] = [];
  const notes: Connection = {
    async run(one, values = []) {
      saves.push({ statement: one, values: [...values] });
      return { rows: [], tag: 'COMMIT' };
    },
    lost: false,
    end: async () => undefined,
  };
  const epoch = { number: 1, startedAt: 0, txBase: 0 };
  const loaded = { state, epoch, now: at.time, tx: at.tx, known: new Map() };
  await save(notes, OPERATOR, loaded, { outcomes: [], entries, keys }, { active: [] });
  return { saves, keys: keys.map(({ key }) => key) };
}

const sorted = (list: readonly number[]): Buffer => int8Array([...list].sort((a, b) => a - b));

/** Locks rows in the order of ids, as lanes do it. */
export const lock = ({ name, sql }: Table<any>, ids: readonly number[]): Prepared => ({
  statement: statement(`lock_${name}`, sql.lock),
  values: [OPERATOR, sorted(ids)],
});

export const look = ({ name, sql }: Table<any>, ids: readonly number[]): Prepared => ({
  statement: statement(`look_${name}`, sql.select),
  values: [OPERATOR, sorted(ids)],
});

export const lookUpKeys = (keys: readonly string[]): Prepared => ({
  statement: operationsByKey,
  values: [OPERATOR, uuidArray(keys)],
});
