import type { OperatorNo } from '../kernel/index.ts';
import type { Call } from './call.ts';
import type { Command, RowRequests } from './command.ts';
import { statement, type Connection, type Result } from './connection.ts';
import type { HeldEpoch } from './epoch.ts';
import type { Operation } from './fact.ts';
import { keysOf, operationsByKey, readOperations } from './operation.ts';
import type { Register } from './register.ts';
import { State } from './state.ts';
import { int8Array, textArray, uuidArray } from './binary.ts';
import type { Table } from './table.ts';

interface Needs {
  readonly lock: Set<number>;
  readonly read: Set<number>;
  readonly codes: Set<string>;
  readonly lockCodes: Set<string>;
}

/** What the calls of a batch need, by table. */
export class LoadPlan implements RowRequests {
  readonly tables = new Map<Table<any>, Needs>();

  lock(table: Table<any>, id: number): void {
    this.#of(table).lock.add(id);
  }
  read(table: Table<any>, id: number): void {
    this.#of(table).read.add(id);
  }
  find(table: Table<any>, code: string): void {
    this.#of(table).codes.add(code);
  }
  lockCode(table: Table<any>, code: string): void {
    this.#of(table).lockCodes.add(code);
  }

  /** The number of rows, each counted once. */
  get size(): number {
    let size = 0;
    for (const { lock, read, codes, lockCodes } of this.tables.values())
      size += lock.size + read.size + codes.size + lockCodes.size;
    return size;
  }

  #of(table: Table<any>): Needs {
    let needs = this.tables.get(table);
    if (needs === undefined) {
      needs = { lock: new Set(), read: new Set(), codes: new Set(), lockCodes: new Set() };
      this.tables.set(table, needs);
    }
    return needs;
  }
}

/** The work of a call, see `Command.work`. */
export const workOf = <Request>({ work }: Command<Request, any>, request: Request): number =>
  work === undefined ? 1 : work(request);

/** When a batch needs this many rows, it takes no more calls. */
const BATCH_ROWS = 10_000;
/** And for so much work: nothing else runs while a batch is decided, here some 50 ms. */
const BATCH_WORK = 4000;

/** The calls that a batch takes, the first always; adds what they need to its plan. */
export function takeCalls(calls: readonly Call[], plan: LoadPlan): readonly Call[] {
  let work = 0;
  const after = calls.findIndex(({ command, request }, i) => {
    work += workOf(command, request);
    if (plan.size >= BATCH_ROWS || (work > BATCH_WORK && i > 0)) return true;
    command.needs(request, plan);
    return false;
  });
  return after < 0 ? calls : calls.slice(0, after);
}

/** What a batch bases its decisions on. */
export interface Loaded {
  readonly state: State;
  /** Microseconds since 1970, from the database's clock after the locks were taken. */
  readonly now: number;
  /** The journal's number of the transaction. */
  readonly tx: number;
  readonly epoch: HeldEpoch;
  /** The operations that have used the calls' keys before, by key. */
  readonly known: Map<string, Operation>;
}

const begin = statement('begin', 'begin isolation level read committed');
const rollback = statement('rollback', 'rollback');
const moment = statement(
  'moment',
  'select (extract(epoch from clock_timestamp()) * 1000000)::int8, pg_current_xact_id()',
);
const ascending = (a: number, b: number): number => a - b;

/** Above every rank: no rows are left for a second stage. */
const NEVER = 6;

/**
 * One round trip: begins a transaction, and locks rows in the order of rank, table and id. Then, with the locks held,
 * it reads the clock, the unlocked rows, and the operations that have used the calls' keys before. The same request
 * needs the same locks, so a concurrent duplicate has either not started or is committed. If a command has a second
 * stage, the rows from its rank on are locked in another round trip, those of the whole batch in one order. Rows that
 * are not stored are stored blank first.
 */
export async function load(
  { connection, operator, register, epoch }: Source,
  plan: LoadPlan,
  calls: readonly Call[],
): Promise<Loaded> {
  const later = calls.reduce((rank, { command }) => Math.min(rank, command.later ?? NEVER), NEVER);
  for (let round = 0; round < 3; round++) {
    const batch: Batch = { connection, operator, register, epoch, plan, calls, state: new State(), missing: new Map() };
    if (later < NEVER) {
      await lock(batch, [connection.run(begin)], (rank) => rank < later);
      for (const { command, request } of calls) command.needsThen?.(request, plan, batch.state);
    }
    const loaded = await lockAndRead(batch, later < NEVER ? [] : [connection.run(begin)], later);
    if (batch.missing.size === 0) return loaded;
    await connection.run(rollback);
    await make(connection, operator, batch.missing);
  }
  throw new Error('rows that were made are not there');
}

/** Where a batch is loaded from, and for which operator. */
interface Source {
  readonly connection: Connection;
  readonly operator: OperatorNo;
  readonly register: Register;
  /** The one that the connection holds. */
  readonly epoch: HeldEpoch;
}

interface Batch extends Source {
  readonly plan: LoadPlan;
  readonly calls: readonly Call[];
  readonly state: State;
  readonly missing: Map<Table<any>, number[]>;
}

/** Locks the rows of some ranks. `sent` are statements that were sent before; `also` sends those after the locks. */
async function lock(
  { connection, operator, plan, state, missing }: Batch,
  sent: readonly Promise<Result>[],
  ofRank: (rank: number) => boolean,
  also: () => readonly Promise<Result>[] = () => [],
): Promise<Result[]> {
  const inOrder = [...plan.tables]
    .filter(([table]) => ofRank(table.rank))
    .sort(([a], [b]) => a.rank - b.rank || a.number - b.number);
  const locking = inOrder.flatMap(([table, { lock, lockCodes }]) => [
    ...(lockCodes.size > 0 ? [{ table, codes: lockCodes }] : []),
    ...(lock.size > 0 ? [{ table, lock }] : []),
  ]);
  // One flat list: the first error is the cause, later ones only say that the transaction is aborted.
  const answers = await Promise.all([
    ...sent,
    ...locking.map(({ table, codes, lock }) =>
      codes === undefined
        ? connection.run(statement(`lock_${table.name}`, table.sql.lock), [operator, ids(lock)])
        : connection.run(statement(`lock_code_${table.name}`, table.sql.lockCode), [operator, textArray([...codes])]),
    ),
    ...also(),
  ]);
  locking.forEach(({ table, codes, lock }, i) => {
    const result = answers[sent.length + i]!;
    if (codes !== undefined) return putNamed(state, table, result);
    const absent = put(state, table, lock, result, true);
    if (absent.length > 0) missing.set(table, absent);
  });
  return answers.slice(sent.length + locking.length);
}

/** Adds locked rows that were found by their codes. */
function putNamed(state: State, table: Table<any>, { rows }: Result): void {
  for (const values of rows) {
    const row = table.read(values) as { readonly id: number; sequence: number; readonly code: string };
    state.put(table, row, true);
    state.name(table, row.code, row.id);
  }
}

async function lockAndRead(batch: Batch, sent: readonly Promise<Result>[], later: number): Promise<Loaded> {
  const { connection, operator, register, epoch, plan, calls, state } = batch;
  const looking = [...plan.tables]
    .map(([table, needs]) => [table, new Set([...needs.read].filter((id) => !needs.lock.has(id)))] as const)
    .filter(([, look]) => look.size > 0);
  const finding = [...plan.tables].filter(([, needs]) => needs.codes.size > 0);
  // Each once: duplicates in one batch have the same keys.
  const keys = [...new Set(calls.flatMap(({ options }) => keysOf(options)))];
  const [times, ...answers] = await lock(
    batch,
    sent,
    (rank) => later === NEVER || rank >= later,
    () => [
      connection.run(moment),
      ...looking.map(([table, look]) =>
        connection.run(statement(`look_${table.name}`, table.sql.select), [operator, ids(look)]),
      ),
      ...finding.map(([table, { codes }]) =>
        connection.run(statement(`find_${table.name}`, table.sql.find), [operator, textArray([...codes])]),
      ),
      ...(keys.length === 0 ? [] : [connection.run(operationsByKey, [operator, uuidArray(keys)])]),
    ],
  );
  for (const [table, look] of looking) put(state, table, look, answers.shift()!, false);
  for (const [table] of finding) for (const [id, code] of answers.shift()!.rows) state.name(table, code!, Number(id));
  return {
    state,
    now: Number(times!.rows[0]![0]),
    epoch,
    tx: Number(times!.rows[0]![1]) + epoch.txBase,
    known: answers.length === 0 ? new Map() : readOperations(register, answers[0]!.rows),
  };
}

/** Adds rows to the state; those that are not stored are blank. Returns the ids of the blank ones. */
function put(state: State, table: Table<any>, plan: Set<number>, result: Result, locked: boolean): number[] {
  for (const values of result.rows) state.put(table, table.read(values), locked);
  if (result.rows.length === plan.size) return [];
  const stored = new Set(result.rows.map(([id]) => Number(id)));
  const absent = [...plan].filter((id) => !stored.has(id));
  for (const id of absent) state.put(table, table.blank(id), locked);
  return absent;
}

/** Stores blank rows, each statement in its own transaction. No lock is held yet, so they cannot deadlock. */
async function make(connection: Connection, operator: OperatorNo, missing: Map<Table<any>, number[]>): Promise<void> {
  await Promise.all(
    [...missing].map(([table, absent]) =>
      connection.run(statement(`make_${table.name}`, table.sql.make), [operator, int8Array(absent.sort(ascending))]),
    ),
  );
}

const ids = (set: Set<number>): Buffer => int8Array([...set].sort(ascending));
