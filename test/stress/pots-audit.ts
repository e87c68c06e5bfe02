import pg from 'pg';
import { DefinitionNoted } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { JackpotContributedV2, JackpotWonV2 } from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import { PotAdjusted, PotEmptied, PotEndowed } from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { JackpotRoundClosed } from '../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import { PotsCalledBack, PotsPayoutRejected, PotsPayoutReleased } from '../../gen/ts/windfall/facts/v1/pots.ts';
import {
  PotsOptInsCarried,
  PotsOptInSet,
  PotsOptInsSet,
  PotsOptInsTransferBegun,
} from '../../gen/ts/windfall/facts/v1/pots_opt_in.ts';
import { createOrm, createReads } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { trialBalance, verifyOperator, type Verification } from '../../src/journal/index.ts';
import { entitiesOf, registerOf } from '../../src/schema.ts';
import type { AnsweredPots } from './pots-answered.ts';
import { ChoicesModel, optInName, type Position } from './pots-choices.ts';
import { compareAnswers, compareBalances, compareChoices, compareInstance, compareNotes } from './pots-compare.ts';
import { INSTANCES } from './pots-instances.ts';
import { compareRaffle } from './pots-raffles.ts';
import { InstanceReplay } from './pots-replay.ts';
import { Seen } from './pots-seen.ts';
import { resultText, type Places } from './pots-server.ts';
import { compareWithheld } from './pots-withheld.ts';

/** What was found, and what is wrong with it. */
export interface PotsAudit {
  readonly problems: readonly string[];
  /** Operations that callers were told of, and those of them that stand in the journal once. */
  readonly acknowledged: number;
  readonly found: number;
  readonly facts: number;
  readonly wins: number;
  /** Winners of rounds of raffles, and how many rounds there were. */
  readonly drawn: number;
  readonly rounds: number;
  /** Wins that were withheld, and how many of them were released and rejected. */
  readonly withheld: readonly [all: number, released: number, rejected: number];
  /** Shares of wins that were paid to players besides the winner. */
  readonly shared: number;
  /** Opt-ins that transfers have carried. */
  readonly carried: number;
  /** Results that are to be called back, by tag. */
  readonly called: ReadonlyMap<string, readonly string[]>;
  readonly sums: readonly bigint[];
  readonly verification: Verification;
}

export type Query = (text: string, ...values: readonly unknown[]) => Promise<string[][]>;

const PAGE = 10_000;
/** The state of a share that was paid. */
const PAID = 5;
const CODECS: Readonly<Record<number, { decode(bytes: Buffer): unknown }>> = {
  1102: JackpotContributedV2,
  1103: JackpotWonV2,
  1111: PotEmptied,
  1112: PotEndowed,
  1113: PotAdjusted,
  1122: JackpotRoundClosed,
  1630: PotsCalledBack,
  1660: PotsPayoutReleased,
  1661: PotsPayoutRejected,
};
const TIME = '(extract(epoch from time) * 1000000)::int8';
const FACTS =
  `select aggregate_sequence, operation_id, kind, encode(fact, 'hex'), ${TIME} from journal where operator_id = 1 ` +
  'and aggregate_id = $1 and aggregate_sequence > $2 order by aggregate_sequence limit $3';
/** Holds the journal against the model and the answers, and the rows against both. */
export async function auditPots(url: string, answered: AnsweredPots, places: Places): Promise<PotsAudit> {
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const query: Query = async (text, ...values) => {
    const types = { getTypeParser: () => (value: string) => value };
    return (await client.query({ text, types, values: [...values], rowMode: 'array' })).rows as string[][];
  };
  try {
    await query('analyze');
    const problems = [...answered.problems];
    const note = (problem: string): void => {
      if (problems.length < 1000) problems.push(problem);
    };
    const { seen, ids } = await seenOf(query, answered, places, note);
    let [facts, wins, drawn, rounds] = [0, 0, 0, 0];
    for (const terms of INSTANCES) {
      const replay = new InstanceReplay(terms, seen);
      facts += await follow(query, ids.get(terms.id)!, replay, seen);
      wins += replay.model.pots.reduce((sum, { hits }) => sum + hits, 0);
      await compareInstance(query, ids.get(terms.id)!, replay, note);
      if (replay.raffle === undefined) continue;
      drawn += await compareRaffle(query, ids.get(terms.id)!, replay, seen);
      rounds += replay.raffle.rounds.length;
    }
    await compareWithheld(query, seen, ids);
    const states = [...seen.withheld.values()].map(({ state }) => state).filter((state) => state !== PAID);
    const shared = seen.withheld.size - states.length;
    const withheld = [states.length, ...[2, 3].map((one) => states.filter((state) => state === one).length)] as const;
    const carried = Number((await query('select sum(carried) from pots_opt_in_transfer'))[0]![0]);
    const { acknowledged, found } = compareAnswers(seen);
    await compareChoices(query, seen, ids);
    await compareBalances(query, seen);
    await compareNotes(query, seen, places);
    const balances = await createReads(orm)((em) => trialBalance(em, 1));
    const sums = [...balances.values()].map((kinds) => [...kinds.values()].reduce((a, b) => a + b, 0n));
    if (sums.length < 3 || sums.some((sum) => sum !== 0n)) note(`the trial balance is ${sums.join(', ')}`);
    const verification = await verifyOperator(client, registerOf(engines), 1);
    problems.push(...verification.differences);
    const counts = { acknowledged, found, facts, wins, drawn, rounds, carried, shared };
    return {
      problems,
      ...counts,
      withheld: withheld as PotsAudit['withheld'],
      sums,
      verification,
      called: seen.called,
    };
  } finally {
    await client.end();
    await orm.close();
  }
}

const JACKPOTS =
  'select d.code, j.id from jackpot j join definition d on d.operator_id = j.operator_id and d.id = j.definition_id ' +
  'where j.operator_id = 1';
const OF_KIND =
  "select operation_id, encode(fact, 'hex') from journal where operator_id = 1 and kind = $1 " +
  'order by operation_id, part';
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** What is known beside the instances' own facts. */
async function seenOf(
  query: Query,
  answered: AnsweredPots,
  places: Places,
  note: (problem: string) => void,
): Promise<{ readonly seen: Seen; readonly ids: ReadonlyMap<string, number> }> {
  const byCode = new Map(await query(JACKPOTS).then((rows) => rows.map(([code, id]) => [code!, Number(id)])));
  const ids = new Map([...places.ids].map(([name, id]) => [name, byCode.get(`jackpot/${id}`)!]));
  const pots = new Map((await query('select id, code from jackpot_pot')).map(([id, code]) => [Number(id), code!]));
  const players = await query('select id, user_id from player where operator_id = 1');
  const notes = (await query(OF_KIND, 502)).map(
    ([operation, hex]) => [operation!, DefinitionNoted.decode(bytesOf(hex!)).reason] as const,
  );
  const taken = new Map<string, { pot: string; value: bigint; reserve: bigint; surplus: bigint }[]>();
  for (const [operation, hex] of await query(OF_KIND, 1111)) {
    const { pot, value, reserve, surplus } = PotEmptied.decode(bytesOf(hex!));
    const all = taken.get(operation!) ?? [];
    taken.set(operation!, [...all, { value, reserve, surplus, pot: pots.get(Number(pot))! }]);
  }
  const names = new Map(players.map(([id, name]) => [Number(id), name!]));
  const rows = await query('select id, code from jackpot_payout where operator_id = 1');
  const rounds = new Map(rows.map(([id, code]) => [Number(id), code!]));
  const choices = new ChoicesModel(answered.chosen, note);
  const given = { answered, places, taken, names, pots, rounds, choices, notes: new Map(notes) };
  const seen = new Seen(given, note);
  await followChoices(query, seen, ids);
  return { ids, seen };
}

/** Reads an instance's facts in their order, and runs its model along them. Returns how many there are. */
async function follow(query: Query, id: number, replay: InstanceReplay, seen: Seen): Promise<number> {
  for (let last = 0; ;) {
    const rows = await query(FACTS, id, last, PAGE);
    for (const [sequence, operation, kind, hex, time] of rows as [string, string, string, string, string][]) {
      last = Number(sequence);
      const data = CODECS[Number(kind)]?.decode(bytesOf(hex));
      const at = { operation, time: Number(time) };
      if (Number(kind) === 1630) noteCall(data as PotsCalledBack, at, seen);
      replay.take({ ...at, data, sequence: last, kind: Number(kind) });
    }
    if (rows.length < PAGE) return last;
  }
}

/** A result that is called back. */
function noteCall(data: PotsCalledBack, at: Position, seen: Seen): void {
  const { contributed, winPot: pot, winAmount: won, withheld, tickets, cause, metadata } = data;
  const { tag } = JSON.parse(metadata) as { tag: string };
  const text =
    contributed === undefined
      ? cause
      : resultText({
          instance: seen.nameOf(contributed.instance),
          paid: contributed.paid,
          won,
          pot,
          withheld,
          tickets,
        });
  seen.calledAt.set(tag, at);
  seen.called.set(tag, [...(seen.called.get(tag) ?? []), text]);
}

const OPT_INS =
  `select operation_id, kind, aggregate_id, ${TIME}, encode(fact, 'hex') from journal where operator_id = 1 ` +
  'and kind in (1620, 1621, 1670, 1671) order by time, operation_id, part';

/** Runs the model of opt-ins along all of them. */
async function followChoices(query: Query, seen: Seen, ids: ReadonlyMap<string, number>): Promise<void> {
  const { choices } = seen;
  const instances = new Map([...ids].map(([name, id]) => [id, name]));
  const heads = new Map(
    (await query('select id, code from definition where operator_id = 1')).map(([id, code]) => [
      Number(id),
      seen.nameOf(code!.replace('jackpot/', '')),
    ]),
  );
  const nameOf = (jackpot: bigint, player: bigint): string =>
    optInName(instances.get(Number(jackpot))!, seen.names.get(Number(player))!);
  for (const [operation, kind, aggregate, time, hex] of await query(OPT_INS)) {
    const at = { operation: operation!, time: Number(time) };
    const [id, bytes] = [Number(aggregate), bytesOf(hex!)];
    if (kind === '1620') {
      const { jackpot, player, optedIn, preferred } = PotsOptInSet.decode(bytes);
      choices.chosen(nameOf(jackpot, player), at, optedIn, preferred);
    } else if (kind === '1621') {
      const { jackpot, players, optedIn } = PotsOptInsSet.decode(bytes);
      for (const player of players) choices.chosen(nameOf(jackpot, player), at, optedIn, undefined);
    } else if (kind === '1670') {
      const { from, to, reason } = PotsOptInsTransferBegun.decode(bytes);
      const wish = seen.wish(reason, at.operation);
      const [source, target] = [heads.get(Number(from))!, heads.get(Number(to))!];
      if (wish?.kind !== 'transfer' || !wish.optIns || wish.instance !== source || wish.to !== target)
        seen.note(`${id} carries opt-ins from ${source} to ${target}, which nobody asked for`);
      seen.carriers.add(reason);
      seen.results.set(at.operation, ['done']);
      choices.begun(id, source, target);
    } else {
      const { optIns, finished } = PotsOptInsCarried.decode(bytes);
      for (const { player, preferred, chosenAt } of optIns)
        choices.carried(id, seen.names.get(Number(player))!, at, preferred, Number(chosenAt));
      if (finished) choices.finished(id);
    }
  }
}
