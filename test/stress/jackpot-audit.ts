import pg from 'pg';
import { HitSeedRevealed } from '../../gen/ts/windfall/facts/v1/facts.ts';
import {
  JackpotContributedV2,
  JackpotOpenedV2,
  JackpotWonV2,
  PotLapsedV2,
} from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import { PotClosed, PotPaid } from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { createOrm, createReads } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import {
  accountId,
  assetOfAccount,
  isPlayers,
  ownerOfAccount,
  trialBalance,
  verifyOperator,
  type Verification,
} from '../../src/journal/index.ts';
import { entitiesOf, registerOf } from '../../src/schema.ts';
import { JACKPOTS } from './jackpot-catalogue.ts';
import { knownOf, type Query } from './jackpot-known.ts';
import { Replay, type Known } from './jackpot-replay.ts';
import type { AnsweredCalls } from './jackpot-answered.ts';

/** What was found, and what is wrong with it. */
export interface Audit {
  readonly problems: readonly string[];
  /** Facts of jackpots that the model has followed. */
  readonly facts: number;
  /** Acknowledged operations, and those of them that stand in the journal once. */
  readonly acknowledged: number;
  readonly found: number;
  readonly hits: number;
  readonly sums: readonly bigint[];
  readonly verification: Verification;
}

const PAGE = 10_000;
const PROBLEMS = 1000;
const CODECS: Readonly<Record<number, { decode(bytes: Buffer): unknown }>> = {
  1101: JackpotOpenedV2,
  1102: JackpotContributedV2,
  1103: JackpotWonV2,
  1104: PotLapsedV2,
  1105: HitSeedRevealed,
  1107: PotClosed,
  1108: PotPaid,
};
const FACTS =
  "select aggregate_sequence, operation_id, part, kind, caller, transfers, encode(fact, 'hex') from journal " +
  'where operator_id = 1 and aggregate_id = $1 and aggregate_sequence > $2 and kind between 1101 and 1112 ' +
  'order by aggregate_sequence limit $3';
const JACKPOT =
  'select j.id from jackpot j join definition d on d.operator_id = j.operator_id ' +
  'and d.id = j.definition_id where d.operator_id = 1 and d.code = $1';
const POTS =
  'select code, value, reserve, surplus, contributed, overflow, paid, hits, cycle, last_player, sum from jackpot_pot ' +
  'where operator_id = 1 and jackpot_id = $1';
const KEYS =
  'select count(*) from journal_key k join journal j on j.operator_id = k.operator_id ' +
  'and j.operation_id = k.operation_id and j.part = 0 ' +
  "where k.operator_id = 1 and j.kind in (1102, 1103) and j.caller <> 'task'";
const OPERATIONS =
  'select count(*) from journal where operator_id = 1 and part = 0 ' + "and kind in (1102, 1103) and caller <> 'task'";

/** Compares all that is stored with the model, and with the responses to callers. */
export async function audit(url: string, answered: AnsweredCalls): Promise<Audit> {
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  // All of it was just written: without statistics the plans would be those for empty tables.
  await client.query('analyze');
  const query: Query = async (text, ...values) =>
    (
      await client.query({
        text,
        values: [...values],
        rowMode: 'array',
        types: { getTypeParser: () => (value: string) => value },
      })
    ).rows;
  try {
    const problems = [...answered.contradictions];
    const note = (problem: string): void => {
      if (problems.length < PROBLEMS) problems.push(problem);
    };
    const known = await knownOf(query, answered, note);
    const replays: Replay[] = [];
    for (const terms of JACKPOTS) {
      const [[id] = []] = await query(JACKPOT, `jackpot/${terms.id}`);
      const replay = new Replay(Number(id), terms, known);
      await follow(query, Number(id), replay);
      await compareJackpot(query, Number(id), replay, known);
      replays.push(replay);
    }
    const found = compareOperations(answered, known, replays);
    await compareCounts(query, known);
    await compareBalances(query, known);
    const balances = await createReads(orm)((em) => trialBalance(em, 1));
    const sums = [...balances.values()].map((kinds) => [...kinds.values()].reduce((a, b) => a + b, 0n));
    if (sums.length === 0 || sums.some((sum) => sum !== 0n)) note(`the trial balance is ${sums.join(', ')}`);
    const verification = await verifyOperator(client, registerOf(engines), 1);
    problems.push(...verification.differences);
    return {
      problems,
      found,
      sums,
      verification,
      acknowledged: known.done.size,
      facts: replays.reduce((sum, { facts }) => sum + facts, 0),
      hits: replays.flatMap(({ model }) => model.pots).reduce((sum, { hits }) => sum + hits, 0),
    };
  } finally {
    await client.end();
    await orm.close();
  }
}

/** Reads a jackpot's facts in their order, and runs its model along them. */
async function follow(query: Query, id: number, replay: Replay): Promise<void> {
  for (let last = 0; ;) {
    const rows = await query(FACTS, id, last, PAGE);
    for (const [sequence, operation, part, kind, caller, transfers, fact] of rows as [string, ...string[]][]) {
      last = Number(sequence);
      replay.take({
        sequence: last,
        operation: operation!,
        part: Number(part),
        kind: Number(kind),
        caller: caller!,
        transfers: transfers!,
        data: CODECS[Number(kind)]!.decode(Buffer.from(fact!, 'hex')),
      });
    }
    if (rows.length < PAGE) break;
  }
  replay.end();
}

async function compareJackpot(
  query: Query,
  id: number,
  { model, chain }: Replay,
  { note, numbers, asset }: Known,
): Promise<void> {
  const same = (what: string, is: unknown, should: unknown): void => {
    const [stored, expected] = [String(is), String(should)];
    if (stored !== expected) note(`${model.terms.id} ${what}: stored is ${stored}, the model says ${expected}`);
  };
  const [head] = await query(
    'select house, contributions, contributed, chain from jackpot where operator_id = 1 and id = $1',
    id,
  );
  const { house, contributions, contributed } = model;
  same('house, contributions, contributed, chain', head, [house, contributions, contributed, chain.toString('hex')]);
  const stored = new Map((await query(POTS, id)).map(([code, ...values]) => [code!, values]));
  same('pots', stored.size, model.pots.length);
  for (const {
    code,
    value,
    reserve,
    surplus,
    contributed,
    overflow,
    paid,
    hits,
    cycle,
    lastPlayer,
    sum,
  } of model.pots) {
    const last = lastPlayer === '' ? 0 : numbers.get(lastPlayer);
    same(`pot ${code}`, stored.get(code), [
      value,
      reserve,
      surplus,
      contributed,
      overflow,
      paid,
      hits,
      cycle,
      last,
      sum,
    ]);
  }
  const number = accountId('jackpot', id, asset);
  const [[balance] = []] = await query('select balance from account where operator_id = 1 and id = $1', number);
  same('account', balance ?? 0, model.balance);
}

/** Every acknowledged operation was found once, in the jackpot that it was sent to. Returns how many were. */
function compareOperations(answered: AnsweredCalls, { done, note }: Known, replays: readonly Replay[]): number {
  const places = new Map(replays.map((replay) => [replay.model.terms.id, replay.found]));
  let found = 0;
  for (const { id, wish } of done.values()) {
    if (places.get(wish.jackpot)?.has(id) === true) found += 1;
    else note(`${id}, ${JSON.stringify(wish)}, was acknowledged and is lost`);
  }
  const all = replays.reduce((sum, replay) => sum + replay.found.size, 0);
  if (all !== found)
    note(`${all} operations stand in the journal, ${found} of ${answered.sent.length} wishes were done`);
  return found;
}

/** No operation and no key beyond those of the acknowledged calls: what was refused has left nothing. */
async function compareCounts(query: Query, { done, note }: Known): Promise<void> {
  const keys = [...done.values()].reduce(
    (sum, { wish }) => sum + (wish.key === '' ? 0 : 1) + (wish.kind === 'contribute' && wish.wager !== '' ? 1 : 0),
    0,
  );
  const [[operations] = []] = await query(OPERATIONS);
  const [[stored] = []] = await query(KEYS);
  if (Number(operations) !== done.size) note(`there are ${operations} operations, and ${done.size} were acknowledged`);
  if (Number(stored) !== keys) note(`there are ${stored} keys, and ${keys} were acknowledged`);
}

async function compareBalances(query: Query, { balances, names, asset, note }: Known): Promise<void> {
  const left = new Map(balances);
  for (const [text, balance] of await query('select id, balance from account where operator_id = 1')) {
    const id = Number(text);
    if (!isPlayers(id) || assetOfAccount(id) !== asset) continue;
    const name = names.get(ownerOfAccount(id)) ?? '';
    const should = left.get(name) ?? 0n;
    left.delete(name);
    if (BigInt(balance!) !== should) note(`${name} has ${balance}, the model says ${should}`);
  }
  for (const [name, should] of left) if (should !== 0n) note(`${name} has no account, the model says ${should}`);
}
