import type pg from 'pg';
import type { OperatorNo } from '../kernel/index.ts';
import { account, isLocked, isPlayers, type AccountId } from './account.ts';
import type { FactMetadata, Fact } from './fact.ts';
import { readFact } from './operation.ts';
import { pages, type Query } from './pages.ts';
import type { Register } from './register.ts';
import { State } from './state.ts';
import type { Table } from './table.ts';
import { checkReceipts, type ReceiptAudit } from './verify-receipts.ts';

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
  const query: Query = async (text, values = []) =>
    (
      await client.query({
        text,
        values: [...values],
        rowMode: 'array',
        types: { getTypeParser: () => (value: string) => value },
      })
    ).rows as string[][];
  await client.query('begin isolation level repeatable read read only');
  try {
    const result: Verification = { facts: 0, rows: 0, lines: 0, receipts: 0, draws: 0, differences: [] };
    const { differences } = result;
    const note = (difference: string): unknown => differences.length < DIFFERENCES && differences.push(difference);
    const fold = new JournalFold(register, await cursorOf(query, operator), note);
    for await (const row of pages(query, 'facts', FACTS, [operator])) fold.take(row);
    result.facts = fold.finish();
    for (const table of register.tables) result.rows += await compareTable(query, operator, table, fold, note);
    result.lines = await compareLines(query, operator, fold, note);
    for (const [key] of await query(LOST_KEYS, [operator])) note(`journal_key ${key} names no operation`);
    if (audit === undefined) return result;
    return { ...result, ...(await checkReceipts({ query, register, operator, audit, note })) };
  } finally {
    await client.query('rollback');
  }
}

// The clock is read with the locks held, so operations on a common row are ordered by time. The ids of a batch are in
// the order of its calls.
const FACTS =
  'select j.operation_id, j.part, j.kind, j.version, j.aggregate_id, j.transfers, ' +
  "encode(j.fact, 'hex'), (extract(epoch from j.time) * 1000000)::int8, j.tx, j.aggregate_sequence from journal j " +
  'where j.operator_id = $1 order by j.time, j.tx, j.operation_id, j.part';
const LOST_KEYS =
  'select k.key from journal_key k where k.operator_id = $1 and not exists ' +
  '(select from journal j where j.operator_id = k.operator_id and j.operation_id = k.operation_id) limit 10';
const LINES =
  'select s.account_id, s.sequence, s.operation_id, s.amount, s.balance from statement_line s ' +
  'where s.operator_id = $1 order by s.account_id, s.sequence';
const CURSOR = "select f.tx, f.operation_id, f.part from follower f where f.operator_id = $1 and f.name = 'roll-up'";

interface Place {
  readonly tx: number;
  readonly operationId: string;
  readonly part: number;
}

async function cursorOf(query: Query, operator: OperatorNo): Promise<Place> {
  const [row] = await query(CURSOR, [operator]);
  return { tx: Number(row?.[0] ?? -1), operationId: row?.[1] ?? '', part: Number(row?.[2] ?? -1) };
}

/** A state in which every row can be edited: rows that were not seen yet are blank. */
class WholeState extends State {
  override edit<Row>(table: Table<Row>, id: number): Row {
    if (this.tables.get(table)?.has(id) !== true)
      this.put(table, table.blank(id) as { id: number; sequence: number }, true);
    return super.edit(table, id);
  }

  override create<Row>(table: Table<Row>, id: number): Row {
    return this.edit(table, id);
  }
}

interface Waiting {
  readonly fact: Fact;
  readonly at: FactMetadata;
}

class JournalFold {
  readonly state = new WholeState();
  /** The postings to players' accounts according to the journal: by account and operation, amounts in order. */
  readonly movements = new Map<string, string[]>();
  readonly #register: Register;
  readonly #rolledUp: Place;
  readonly #note: (difference: string) => unknown;
  /** Facts that were read before their predecessors, by aggregate and sequence: the clock was set back between them. */
  readonly #waiting = new Map<string, Waiting>();
  #facts = 0;

  constructor(register: Register, rolledUp: Place, note: (difference: string) => unknown) {
    this.#register = register;
    this.#rolledUp = rolledUp;
    this.#note = note;
  }

  take([operationId, part, kind, version, aggregateId, transfers, data, time, tx, sequence]: readonly string[]): void {
    const id = Number(aggregateId);
    const fact = readFact(this.#register, {
      kind: kind!,
      version: version!,
      aggregate: aggregateId!,
      transfers: transfers!,
      fact: Buffer.from(data!, 'hex'),
    });
    this.#facts += 1;
    this.#move(fact, { tx: Number(tx), operationId: operationId!, part: Number(part) });
    if (sequence === '0') return;
    const aggregate: Table<{ id: number; sequence: number }> = fact.kind.aggregate!;
    const key = (n: number): string => `${aggregate.number}/${id}/${n}`;
    const at = { time: Number(time), tx: Number(tx), aggregate: id, operationId: operationId! };
    this.#waiting.set(key(Number(sequence)), { fact, at });
    for (;;) {
      const next = key(this.state.edit(aggregate, id).sequence + 1);
      const waiting = this.#waiting.get(next);
      if (waiting === undefined) return;
      this.#waiting.delete(next);
      this.state.fold(waiting.fact, waiting.at);
    }
  }

  /** Reports facts without a predecessor. Returns the number of facts. */
  finish(): number {
    for (const key of this.#waiting.keys()) this.#note(`journal: the facts before ${key} are missing`);
    return this.#facts;
  }

  /** Records postings, and rolls the operator's own accounts up to the follower's position. */
  #move({ transfers }: Fact, { tx, operationId, part }: Place): void {
    const { tx: atTx, operationId: atId, part: atPart } = this.#rolledUp;
    const rolledUp = tx < atTx || (tx === atTx && (operationId < atId || (operationId === atId && part <= atPart)));
    const side = (id: AccountId, amount: bigint): void => {
      if (isLocked(id)) {
        if (!isPlayers(id)) return;
        const key = `${id}/${operationId}`;
        const amounts = this.movements.get(key);
        if (amounts === undefined) this.movements.set(key, [String(amount)]);
        else amounts.push(String(amount));
      } else if (rolledUp) {
        this.state.edit(account, id).balance += amount;
      }
    };
    for (const { from, to, amount } of transfers) {
      side(from, -amount);
      side(to, amount);
    }
  }
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

/**
 * Statement lines have no gaps, each balance is the previous one plus the amount, and they match the journal exactly.
 */
async function compareLines(
  query: Query,
  operator: OperatorNo,
  { movements, state }: JournalFold,
  note: (difference: string) => unknown,
): Promise<number> {
  let lines = 0;
  let last = { account: -1, sequence: 0, balance: 0n };
  const finish = (): void => {
    if (last.account < 0) return;
    const { balance, lines: count } = state.edit(account, last.account);
    if (last.balance !== balance || last.sequence !== count)
      note(`statement of ${last.account} does not end at its balance`);
  };
  for await (const [id, sequence, operationId, amount, balance] of pages(query, 'lines', LINES, [operator])) {
    lines += 1;
    if (Number(id) !== last.account) {
      finish();
      last = { account: Number(id), sequence: 0, balance: 0n };
    }
    const amounts = movements.get(`${id}/${operationId}`);
    const known = amounts?.indexOf(amount!) ?? -1;
    if (known < 0) note(`statement line ${id}/${sequence}: the journal has no such movement`);
    else amounts!.splice(known, 1);
    const expected = last.balance + BigInt(amount!);
    if (Number(sequence) !== last.sequence + 1 || BigInt(balance!) !== expected)
      note(`statement line ${id}/${sequence} does not follow`);
    last = { account: last.account, sequence: Number(sequence), balance: BigInt(balance!) };
  }
  finish();
  for (const [key, amounts] of movements) if (amounts.length > 0) note(`movement ${key} has no statement line`);
  return lines;
}
