import pg from 'pg';
import { engines } from '../../src/engines/index.ts';
import { accountId, isPlayers, verifyOperator, type Verification } from '../../src/journal/index.ts';
import { registerOf } from '../../src/schema.ts';
import { PURSE, SEASON, type Answered } from './season-callers.ts';
import type { EngineModel, SeedChains, Sent } from './season-engine.ts';

/** What was found, and what is wrong with it. */
export interface SeasonAudit {
  readonly problems: readonly string[];
  /** Operations that callers were told of, and those of them that stand in the journal once. */
  readonly acknowledged: number;
  readonly found: number;
  readonly byEngine: Readonly<Record<string, number>>;
  readonly verification: Verification;
}

const PAGE = 10_000;
const OPERATIONS =
  'declare operations no scroll cursor for select j.operation_id, min(j.kind), max(j.kind), count(*), min(j.caller), ' +
  "string_agg(array_to_string(j.transfers, ','), ',' order by j.part) filter (where j.transfers <> '{}'), " +
  'min(j.time) as time, min(j.tx::text::int8) as tx from journal j where j.operator_id = 1 and j.kind = any($1) ' +
  'group by j.operation_id order by time, tx, j.operation_id';
const KEYS =
  'select count(*) from journal_key k where k.operator_id = 1 and exists (select from journal j ' +
  'where j.operator_id = 1 and j.operation_id = k.operation_id and j.part = 0 and j.kind = any($1))';

/** Holds the journal against the models and the answers, and the rows against the journal. */
export async function auditSeason(
  url: string,
  answered: Answered,
  finished: ReadonlyMap<EngineModel, unknown>,
): Promise<SeasonAudit> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const query = async (text: string, values: readonly unknown[] = []): Promise<string[][]> =>
    (
      await client.query({
        text,
        values: [...values],
        rowMode: 'array',
        types: { getTypeParser: () => (value: string) => value },
      })
    ).rows as string[][];
  try {
    await query('analyze');
    const books = new Books(answered, await namesOf(query));
    const kinds = SEASON.flatMap((engine) => engine.kinds);
    await query('begin isolation level repeatable read read only');
    await query(OPERATIONS, [kinds]);
    for (;;) {
      const rows = await query(`fetch ${PAGE} from operations`);
      for (const row of rows) books.take(row);
      if (rows.length < PAGE) break;
    }
    await query('rollback');
    books.end(finished);
    await books.compare(query);
    const [[keys] = []] = await query(KEYS, [kinds]);
    if (Number(keys) !== books.done.size) books.note(`${keys} keys name ${books.done.size} operations`);
    const verification = await verifyOperator(client, registerOf(engines), 1);
    return {
      verification,
      problems: [...answered.problems, ...books.problems, ...verification.differences],
      acknowledged: books.done.size,
      found: books.found.size,
      byEngine: Object.fromEntries(SEASON.map(({ name }) => [name, books.counts.get(name) ?? 0])),
    };
  } finally {
    await client.end();
  }
}

type Query = (text: string, values?: readonly unknown[]) => Promise<string[][]>;

async function namesOf(query: Query): Promise<ReadonlyMap<string, number>> {
  const rows = await query("select user_id, id from player where operator_id = 1 and user_id like 'season-%'");
  return new Map(rows.map(([name, id]) => [name!, Number(id)]));
}

class Books {
  readonly problems: string[] = [];
  readonly done = new Map<string, Sent>();
  readonly found = new Set<string>();
  readonly counts = new Map<string, number>();
  readonly #seeds: SeedChains = new Map();
  readonly #models = new Map(SEASON.map((engine) => [engine, engine.journal(this.#seeds)]));
  readonly #balances = new Map<string, bigint>();
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(answered: Answered, numbers: ReadonlyMap<string, number>) {
    this.#numbers = numbers;
    for (const sent of answered.sent) {
      if (sent.id === '') continue;
      if (this.done.has(sent.id)) this.note(`${sent.id} was answered of two calls`);
      this.done.set(sent.id, sent);
      if (sent.fresh > 1 || (sent.fresh === 0 && !sent.unsure))
        this.note(`${sent.id} was answered as done anew ${sent.fresh} times`);
    }
  }

  note(problem: string): void {
    if (this.problems.length < 1000) this.problems.push(problem);
  }

  take([operation, first, last, facts, caller, transfers]: readonly string[]): void {
    const sent = this.done.get(operation!);
    if (sent === undefined) {
      if (caller !== 'task') this.note(`${operation} stands in the journal, and nobody was answered of it`);
      return;
    }
    this.found.add(operation!);
    const { engine, user } = sent;
    this.counts.set(engine.name, (this.counts.get(engine.name) ?? 0) + 1);
    const problem = this.#problem(engine, sent, [Number(first), Number(last)], Number(facts));
    if (problem !== undefined) this.note(`${operation} of ${user} ${problem}`);
    const gain = engine.gain(sent);
    const moved = this.#moved(user, transfers ?? '');
    if (moved !== gain) this.note(`${operation} moves ${moved}, the model says ${gain}`);
    this.#gain(user, gain);
  }

  #gain(user: string, amount: bigint): void {
    this.#balances.set(user, (this.#balances.get(user) ?? BigInt(PURSE) * 1_000_000n) + amount);
  }

  /** Lets the models take what the engines' ends came to. */
  end(finished: ReadonlyMap<EngineModel, unknown>): void {
    for (const [engine, outcome] of finished) {
      const { problems, gains } = this.#models.get(engine)!.end!(outcome);
      for (const problem of problems) this.note(`${engine.name}: ${problem}`);
      for (const [user, amount] of gains) this.#gain(user, amount);
    }
  }

  #problem(engine: EngineModel, sent: Sent, kinds: readonly number[], facts: number): string | undefined {
    if (!kinds.every((kind) => engine.kinds.includes(kind))) return `has facts of the kinds ${kinds.join(', ')}`;
    return this.#models.get(engine)!.take(sent, facts);
  }

  /** What transfers bring to the player. Another player's account is a mistake. */
  #moved(user: string, transfers: string): bigint {
    const values = transfers === '' ? [] : transfers.split(',');
    let sum = 0n;
    for (let i = 0; i < values.length; i += 3) {
      for (const [account, sign] of [
        [Number(values[i]), -1n],
        [Number(values[i + 1]), 1n],
      ] as const) {
        if (!isPlayers(account)) continue;
        if (account !== accountId('player', this.#numbers.get(user)!, 0))
          this.note(`${user}: account ${account} moves`);
        sum += sign * BigInt(values[i + 2]!);
      }
    }
    return sum;
  }

  /** Every acknowledged operation was found, and every balance is what the models say. */
  async compare(query: Query): Promise<void> {
    for (const [id, { engine, key }] of this.done)
      if (!this.found.has(id)) this.note(`${engine.name} ${key}: ${id} was acknowledged, and is not in the journal`);
    const stored = new Map(
      (await query('select id, balance from account where operator_id = 1')).map(([id, balance]) => [id!, balance!]),
    );
    for (const [user, number] of this.#numbers) {
      const expected = this.#balances.get(user) ?? BigInt(PURSE) * 1_000_000n;
      const balance = stored.get(String(accountId('player', number, 0)));
      if (balance !== String(expected)) this.note(`${user} has ${balance}, the models say ${expected}`);
    }
  }
}
