import { hash } from 'node:crypto';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { noteActivity } from './activity.ts';
import type { OperatorNo } from '../kernel/index.ts';
import { bytesArray, int2Array, int8Array, textArray, uuidArray } from './binary.ts';
import { statement, type Connection, type Result } from './connection.ts';
import type { Decided, Entry } from './decide.ts';
import { orderExpiry } from './expiry.ts';
import type { Loaded } from './load.ts';
import { storeReceipt, type Receipt } from './receipt.ts';

// The operator's own row (o) routes each insert to one shard of a distributed database; on one machine it has no
// measurable cost. A row's transfers are a slice of one flat array: from, to, amount, from, to, amount …
const insertJournal = statement(
  'insert_journal',
  'insert into journal as j (operator_id, operation_id, part, kind, version, aggregate_id, aggregate_sequence, ' +
    'tx, time, caller, request_hash, transfers, fact, seal) ' +
    'select o.operator_id, u.operation_id, u.part, u.kind, u.version, u.aggregate_id, u.aggregate_sequence, ' +
    "$2::xid8, 'epoch'::timestamptz + $3::int8 * interval '1 microsecond', u.caller, u.request_hash, " +
    '($4::int8[])[u.first:u.last], u.fact, u.seal ' +
    'from operator o cross join unnest($5::uuid[], $6::int2[], $7::int2[], $8::int2[], $9::int8[], $10::int8[], ' +
    '$11::text[], $12::bytea[], $13::int8[], $14::int8[], $15::bytea[], $16::bytea[]) ' +
    'as u(operation_id, part, kind, version, aggregate_id, aggregate_sequence, caller, request_hash, ' +
    'first, last, fact, seal) ' +
    'where o.operator_id = $1',
);

const insertKeys = statement(
  'insert_keys',
  'insert into journal_key as k (operator_id, key, operation_id) ' +
    'select o.operator_id, u.key, u.operation_id from operator o cross join unnest($2::uuid[], $3::uuid[]) ' +
    'as u(key, operation_id) where o.operator_id = $1',
);

const insertLines = statement(
  'insert_lines',
  'insert into statement_line as s (operator_id, account_id, sequence, operation_id, amount, balance) ' +
    'select o.operator_id, u.account_id, u.sequence, u.operation_id, u.amount, u.balance from operator o ' +
    'cross join unnest($2::int8[], $3::int8[], $4::uuid[], $5::int8[], $6::int8[]) ' +
    'as u(account_id, sequence, operation_id, amount, balance) where o.operator_id = $1',
);

// One order for (operator, task, id): a later one replaces it. There are many attempts because no player may lose what
// is owed; the pauses between them grow to six hours.
const addTasks = statement(
  'add_tasks',
  "select graphile_worker.add_job(u.task, json_build_object('operator', $1::int8, 'id', u.id, 'at', u.at), null, " +
    "'epoch'::timestamptz + u.at * interval '1 microsecond', 10000, u.task || '/' || $1::int8 || '/' || u.id) " +
    'from unnest($2::text[], $3::int8[], $4::int8[]) as u(task, id, at)',
);

const commit = statement('commit', 'commit');
const rollback = statement('rollback', 'rollback');

/** Rolls back the transaction of a batch that has nothing to save. */
export async function abandon(connection: Connection): Promise<void> {
  await connection.run(rollback);
}

/**
 * The second round trip: updates every row that the batch changed, inserts new rows, facts, keys, statement lines and
 * tasks, and commits. Resolves once PostgreSQL has answered COMMIT. If it rejects because the connection was lost, the
 * transaction may have been committed; otherwise it was rolled back.
 */
export async function save(
  connection: Connection,
  operator: OperatorNo,
  { state, now, tx }: Loaded,
  { entries, keys }: Decided,
  { active, receipt }: { readonly active: readonly number[]; readonly receipt?: Receipt | undefined },
): Promise<void> {
  const sent: Promise<Result>[] = [];
  for (const [table, rows] of state.dirty()) {
    sent.push(connection.run(statement(`update_${table.name}`, table.sql.update), [operator, ...table.write(rows)]));
  }
  for (const [table, rows] of state.created()) {
    sent.push(connection.run(statement(`insert_${table.name}`, table.sql.insert), [operator, ...table.write(rows)]));
  }
  if (active.length > 0) sent.push(noteActivity(connection, operator, active, now));
  const keyed = keyArrays(keys);
  if (entries.length > 0) {
    const journal = journalArrays(rowsOf(entries));
    const seals = sealsOf(entries.length, sealOf(tx, now, [...journal, ...keyed]));
    sent.push(connection.run(insertJournal, [operator, String(tx), now, ...journal, seals]));
  }
  if (receipt !== undefined) sent.push(storeReceipt(connection, operator, tx, receipt));
  if (keys.length > 0) sent.push(connection.run(insertKeys, [operator, ...keyed]));
  const lines = entries.flatMap(({ operation, lines }) =>
    lines.map((line) => ({ ...line, operationId: operation.id })),
  );
  if (lines.length > 0) {
    sent.push(
      connection.run(insertLines, [
        operator,
        int8Array(lines.map((l) => l.account)),
        int8Array(lines.map((l) => l.sequence)),
        uuidArray(lines.map((l) => l.operationId)),
        int8Array(lines.map((l) => l.amount)),
        int8Array(lines.map((l) => l.balance)),
      ]),
      ...orderExpiry(connection, operator, lines, now),
    );
  }
  const tasks = entries.flatMap(({ fact }) => fact.tasks ?? []);
  if (tasks.length > 0) {
    sent.push(
      connection.run(addTasks, [
        operator,
        textArray(tasks.map(({ task }) => task)),
        int8Array(tasks.map(({ id }) => id)),
        int8Array(tasks.map(({ at }) => at)),
      ]),
    );
  }
  sent.push(connection.run(commit));
  const answers = await Promise.all(sent);
  const { tag } = answers.at(-1)!;
  if (tag !== 'COMMIT') throw new Error(`commit was answered with ${tag}`);
}

function rowsOf(entries: readonly Entry[]): JournalRow[] {
  // One for all facts: a new one grows its buffer step by step, which costs more than what is written.
  const writer = new BinaryWriter();
  return entries.map(({ operation, part, fact, aggregateSequence }) => ({
    operationId: operation.id,
    part,
    kind: fact.kind.number,
    version: fact.kind.version,
    aggregate: fact.id,
    sequence: aggregateSequence,
    caller: operation.caller,
    requestHash: Buffer.from(operation.requestHash, 'latin1'),
    transfers: fact.transfers.flatMap(({ from, to, amount }) => [from, to, amount]),
    fact: fact.kind.codec.encode(fact.data, writer).finish(),
  }));
}

const UNSEALED = Buffer.alloc(0);
/** The last row of a batch has its seal. */
function sealsOf(rows: number, seal: Buffer): Buffer {
  const seals = new Array<Buffer>(rows).fill(UNSEALED);
  seals[rows - 1] = seal;
  return bytesArray(seals);
}

/** The columns of journal rows, one after another. `transfers` has from, to, amount, from, to, amount … of a row. */
export interface JournalRow {
  readonly operationId: string;
  readonly part: number;
  readonly kind: number;
  readonly version: number;
  readonly aggregate: number;
  readonly sequence: number;
  readonly caller: string;
  readonly requestHash: Buffer;
  readonly transfers: readonly (number | bigint)[];
  readonly fact: Uint8Array;
}

/** The key of an operation. */
export interface JournalKey {
  readonly key: string;
  readonly operationId: string;
}

/** The rows as parameters of an insert: a flat array of transfers, then one array per column. */
export function journalArrays(rows: readonly JournalRow[]): Buffer[] {
  const flat: (number | bigint)[] = [];
  const first: number[] = [];
  const last: number[] = [];
  for (const { transfers } of rows) {
    first.push(flat.length + 1);
    for (const value of transfers) flat.push(value);
    last.push(flat.length);
  }
  return [
    int8Array(flat),
    uuidArray(rows.map((row) => row.operationId)),
    int2Array(rows.map((row) => row.part)),
    int2Array(rows.map((row) => row.kind)),
    int2Array(rows.map((row) => row.version)),
    int8Array(rows.map((row) => row.aggregate)),
    int8Array(rows.map((row) => row.sequence)),
    textArray(rows.map((row) => row.caller)),
    bytesArray(rows.map((row) => row.requestHash)),
    int8Array(first),
    int8Array(last),
    bytesArray(rows.map((row) => row.fact)),
  ];
}

/** The keys as parameters of an insert, sorted: so two batches with the same keys wait in only one direction. */
export function keyArrays(keys: readonly JournalKey[]): Buffer[] {
  const sorted = [...keys].sort((a, b) => (a.key < b.key ? -1 : 1));
  return [uuidArray(sorted.map((one) => one.key)), uuidArray(sorted.map((one) => one.operationId))];
}

/**
 * The seal of rows that are written at once, of which the last one keeps it: a digest of all their columns and keys, so
 * that `verify` finds any change of them, also where no state follows from it. It is made of the bytes that are sent to
 * the database anyway. It is no signature: whoever can write rows can seal them.
 */
export const sealOf = (tx: number, time: number, arrays: readonly Buffer[]): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${tx}/${time}/`), ...arrays]), 'buffer');
