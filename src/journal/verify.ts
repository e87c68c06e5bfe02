import type pg from 'pg';
import type { OperatorNo } from '../kernel/index.ts';
import { pages, textQuery, type Query } from './pages.ts';
import type { Register } from './register.ts';
import type { Table } from './table.ts';
import { compareRolledUp } from './verify-rolled-up.ts';
import { checkReceipts, type ReceiptAudit } from './verify-receipts.ts';
import { JournalFold, type Place } from './verify-fold.ts';
import { compareLines } from './verify-lines.ts';
import { SealCheck, storedSum, type JournalTexts } from './verify-seals.ts';

/** What was compared, and the first hundred differences. */
export interface Verification {
  facts: number;
  rows: number;
  lines: number;
  /** With an audit of receipts: how many there are, and of how many draws. */
  receipts: number;
  draws: number;
  readonly differences: string[];
}

const DIFFERENCES = 100;

/**
 * Folds an operator's whole journal again and compares every state row, every statement line and every key with the
 * result. It uses one snapshot, so it may run while the service is running. Only the journal is trusted.
 * @param audit what receipts are checked with; unset: they are not.
 */
export async function verifyOperator(
  client: pg.ClientBase,
  register: Register,
  operator: OperatorNo,
  audit?: ReceiptAudit,
): Promise<Verification> {
  const query = textQuery(client);
  await client.query('begin isolation level repeatable read read only');
  try {
    const result: Verification = { facts: 0, rows: 0, lines: 0, receipts: 0, draws: 0, differences: [] };
    const { differences } = result;
    const note = (difference: string): unknown => differences.length < DIFFERENCES && differences.push(difference);
    const fold = new JournalFold(register, await cursorOf(query, operator), note);
    const seals = new SealCheck(query, operator, note);
    for await (const row of pages(query, 'facts', FACTS, [operator])) {
      const texts = textsOf(row);
      fold.take(texts);
      await seals.take(texts);
    }
    result.facts = fold.finish();
    seals.finish(await storedSum(query, operator));
    for (const table of register.tables) result.rows += await compareTable(query, operator, table, fold, note);
    result.rows += await compareRolledUp(query, operator, fold.rolledUp, note);
    result.lines = await compareLines(query, operator, fold.state, note);
    for (const [key] of await query(LOST_KEYS, [operator])) note(`journal_key ${key} names no operation`);
    for (const [name] of await query(LOST_FOLLOWERS, [operator]))
      note(`follower ${name} is at no entry of the journal`);
    if (audit === undefined) return result;
    return { ...result, ...(await checkReceipts({ query, register, operator, audit, note })) };
  } finally {
    await client.query('rollback');
  }
}

const COLUMNS: Readonly<Record<keyof JournalTexts, string>> = {
  operationId: 'j.operation_id',
  part: 'j.part',
  kind: 'j.kind',
  version: 'j.version',
  aggregate: 'j.aggregate_id',
  transfers: 'j.transfers',
  fact: "encode(j.fact, 'hex')",
  time: '(extract(epoch from j.time) * 1000000)::int8',
  tx: 'j.tx',
  sequence: 'j.aggregate_sequence',
  caller: 'j.caller',
  requestHash: "encode(j.request_hash, 'hex')",
  seal: "encode(j.seal, 'hex')",
};
// The clock is read with the locks held, so operations on a common row are ordered by time. The ids of a batch are in
// the order of its calls.
const FACTS =
  `select ${Object.values(COLUMNS).join()} from journal j where j.operator_id = $1 ` +
  'order by j.time, j.tx, j.operation_id, j.part';
const LOST_KEYS =
  'select k.key from journal_key k where k.operator_id = $1 and not exists ' +
  '(select from journal j where j.operator_id = k.operator_id and j.operation_id = k.operation_id) limit 10';
const LOST_FOLLOWERS =
  "select f.name from follower f where f.operator_id = $1 and f.tx <> '0' and not exists " +
  '(select from journal j where j.operator_id = f.operator_id and j.operation_id = f.operation_id ' +
  'and j.part = f.part and j.tx = f.tx)';
const CURSOR = "select f.tx, f.operation_id, f.part from follower f where f.operator_id = $1 and f.name = 'roll-up'";

const NAMES = Object.keys(COLUMNS);
const textsOf = (row: readonly string[]): JournalTexts =>
  Object.fromEntries(NAMES.map((name, i) => [name, row[i]])) as unknown as JournalTexts;

async function cursorOf(query: Query, operator: OperatorNo): Promise<Place> {
  const [row] = await query(CURSOR, [operator]);
  return { tx: Number(row?.[0] ?? -1), operationId: row?.[1] ?? '', part: Number(row?.[2] ?? -1) };
}

async function compareTable(
  query: Query,
  operator: OperatorNo,
  table: Table<any>,
  fold: JournalFold,
  note: (difference: string) => unknown,
): Promise<number> {
  const folded = new Map(fold.state.tables.get(table));
  let rows = 0;
  for await (const values of pages(query, 'stored', `${table.sql.columns} where t.operator_id = $1`, [operator])) {
    const stored = table.read(values) as Record<string, unknown> & { id: number };
    const expected = (folded.get(stored.id)?.row ?? table.blank(stored.id)) as Record<string, unknown>;
    folded.delete(stored.id);
    rows += 1;
    for (const name of Object.keys(stored)) {
      const [is, should] = [shown(stored[name]), shown(expected[name])];
      if (is !== should) note(`${table.name} ${stored.id}: ${name} is ${is}, the journal says ${should}`);
    }
  }
  for (const id of folded.keys()) note(`${table.name} ${id} is not stored`);
  return rows;
}

const shown = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
