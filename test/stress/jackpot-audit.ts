import pg from 'pg';
import { HitSeedRevealed } from '../../gen/ts/windfall/facts/v1/facts.ts';
import {
  JackpotContributedV2,
  JackpotOpenedV2,
  JackpotWonV2,
  PotLapsedV2,
} from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import {
  JackpotEnded,
  PotClosed,
  PotEmptied,
  PotEndowed,
  PotEndPlanned,
  PotPaid,
} from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { createOrm, createReads } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { trialBalance, verifyOperator, type Verification } from '../../src/journal/index.ts';
import { entitiesOf, registerOf } from '../../src/schema.ts';
import { JACKPOTS } from './jackpot-catalogue.ts';
import { compareBalances, compareCounts, compareJackpot, compareOperations } from './jackpot-compare.ts';
import { knownOf, type Query } from './jackpot-known.ts';
import { Replay } from './jackpot-replay.ts';
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
  /** Cycles that were drawn among all who fed the pot. */
  readonly drawn: number;
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
  1109: PotEndPlanned,
  1110: JackpotEnded,
  1111: PotEmptied,
  1112: PotEndowed,
};
const MICROS = '(extract(epoch from time) * 1000000)::bigint';
const FACTS =
  `select aggregate_sequence, operation_id, part, kind, ${MICROS}, caller, transfers, encode(fact, 'hex') ` +
  'from journal where operator_id = 1 and aggregate_id = $1 and aggregate_sequence > $2 ' +
  'and kind between 1101 and 1112 order by aggregate_sequence limit $3';
const CHANGES =
  `select operation_id, ${MICROS} from journal where operator_id = 1 and aggregate_id = $1 ` +
  'order by aggregate_sequence';
const JACKPOT =
  'select j.id, j.definition_id from jackpot j join definition d on d.operator_id = j.operator_id ' +
  'and d.id = j.definition_id where d.operator_id = 1 and d.code = $1';

/** Compares all that is stored with the model, and with the responses to callers. */
export async function audit(url: string, answered: AnsweredCalls, proofs: ReadonlyMap<string, string>): Promise<Audit> {
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
    const known = await knownOf(query, answered, proofs, note);
    const replays: Replay[] = [];
    for (const terms of JACKPOTS) {
      const [[id, definition] = []] = await query(JACKPOT, `jackpot/${terms.id}`);
      const changes = (await query(CHANGES, definition)).map(([operation, time]) => ({
        operation: operation!,
        time: Number(time),
      }));
      const replay = new Replay(Number(id), terms, known, changes);
      await follow(query, Number(id), replay);
      await compareJackpot(query, Number(id), replay, known);
      replays.push(replay);
    }
    const found = compareOperations(answered, known, replays);
    await compareCounts(query, known);
    await compareBalances(query, known, replays);
    for (const operation of known.moved.keys()) note(`what transfer ${operation} has moved is nowhere`);
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
      drawn: replays.reduce((sum, { ends }) => sum + ends.drawn, 0),
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
    for (const [sequence, operation, part, kind, time, caller, transfers, fact] of rows as [string, ...string[]][]) {
      last = Number(sequence);
      replay.take({
        sequence: last,
        operation: operation!,
        part: Number(part),
        kind: Number(kind),
        time: Number(time),
        caller: caller!,
        transfers: transfers!,
        data: CODECS[Number(kind)]!.decode(Buffer.from(fact!, 'hex')),
      });
    }
    if (rows.length < PAGE) break;
  }
  replay.end();
}
