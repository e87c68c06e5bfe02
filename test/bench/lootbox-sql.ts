/**
 * The yardstick of batches: the SQL of a batch of opens, and nothing else. Each batch has 512 random players;
 * its two round trips are those of the write path, on a connection of its kind: begin, locks, clock, the
 * lootbox and the keys; then all updates and inserts, and the commit. The write path's own code makes the
 * statements and their binary parameters before the clock starts, so what is measured decides nothing, draws
 * nothing and encodes nothing.
 */
import { randomInt } from 'node:crypto';
import { lootboxOpened } from '../../src/engines/lootbox/commands/open.ts';
import { lootbox } from '../../src/engines/lootbox/entities.ts';
import { seedStream, streamId, type StreamRow } from '../../src/fairness/index.ts';
import { int8Array, uuidArray } from '../../src/journal/binary.ts';
import { connect, statement, type Connection, type Statement } from '../../src/journal/connection.ts';
import type { Entry } from '../../src/journal/decide.ts';
import {
  account, accountId, assetOfAccount, kindOfAccount, OPERATION, ownerOfAccount, readOperations,
  type AccountRow, type Fact, type Operation, type Table, type Transfer,
} from '../../src/journal/index.ts';
import { operationsByKey } from '../../src/journal/operation.ts';
import { save } from '../../src/journal/save.ts';
import { State } from '../../src/journal/state.ts';
import { uuidv7 } from '../../src/kernel/index.ts';
import type { OpenDriver } from './driver.ts';

export interface SqlOptions {
  readonly databaseUrl: string;
  /** How many batches are under way at once. Like lanes, connections share no players. */
  readonly connections: number;
  /** Whether the rows are locked and read before they are written. */
  readonly locks: boolean;
}

const OPERATOR = 1;
const BATCH = 512;
/** Batches are prepared for this rate; a slice that is faster ends sooner. */
const MOST_PER_SECOND = 40_000;

const begin = statement('begin', 'begin isolation level read committed');
const moment = statement('moment',
  'select (extract(epoch from clock_timestamp()) * 1000000)::int8, pg_current_xact_id()');
const sample = statement('sample',
  `select j.operation_id, ${OPERATION} from journal j `
  + `where j.operator_id = $1 and j.kind = ${lootboxOpened.number} limit 1`);

export const open: OpenDriver<SqlOptions> = async ({ databaseUrl, connections, locks }) => {
  const own = await Promise.all(Array.from({ length: connections }, () => connect(databaseUrl)));
  let waiting: Batch[][] = [];
  return {
    async prepare(seconds) {
      // Other cases have written the same rows since: all that is prepared starts from what is stored now.
      const players = await readPlayers(own[0]!);
      const like = await readSample(own[0]!);
      waiting = own.map(() => []);
      for (let left = Math.ceil(seconds * MOST_PER_SECOND / BATCH); left > 0; left -= connections) {
        for (const [n, batches] of waiting.entries()) {
          batches.push(await prepareBatch(pick(players.filter((_, i) => i % connections === n)), like));
        }
      }
    },
    async call(caller) {
      const batch = waiting[caller]!.shift();
      if (batch !== undefined) await run(own[caller]!, batch, locks);
      return batch === undefined ? 0 : BATCH;
    },
    close: async () => void await Promise.all(own.map((connection) => connection.end())),
  };
};

/** A statement with its parameters. */
interface Prepared {
  readonly statement: Statement;
  readonly values: unknown[];
}

interface Batch {
  readonly locks: readonly Prepared[];
  readonly looks: readonly Prepared[];
  readonly saves: readonly Prepared[];
}

async function run(connection: Connection, { locks, looks, saves }: Batch, locking: boolean): Promise<void> {
  const send = (one: Prepared) => connection.run(one.statement, one.values);
  const [, , { rows: [clock] }] = await Promise.all([
    connection.run(begin), Promise.all(locking ? locks.map(send) : []), connection.run(moment),
    ...looks.map(send),
  ]);
  const journal = saves.find((one) => one.statement.name === 'insert_journal')!;
  [journal.values[2], journal.values[1]] = clock!;
  const answers = await Promise.all(saves.map(send));
  if (answers.at(-1)!.tag !== 'COMMIT') throw new Error('the batch was not committed');
}

interface Player {
  readonly stream: StreamRow;
  readonly money: AccountRow;
}

/** All players who have an account, with the rows that an open changes. */
async function readPlayers(connection: Connection): Promise<Player[]> {
  const all = async <Row extends { readonly id: number }>(table: Table<Row>): Promise<Row[]> => {
    const text = `${table.sql.columns} where t.operator_id = $1`;
    const { rows } = await connection.run(statement(`all_${table.name}`, text), [OPERATOR]);
    return rows.map((values) => table.read(values));
  };
  const streams = new Map((await all(seedStream)).map((row) => [row.id, row]));
  return (await all(account)).filter(({ id }) => kindOfAccount(id) === 'player').map((money) => (
    { money, stream: streams.get(streamId('player', ownerOfAccount(money.id)))! }));
}

/** A real open, whose fact and amounts all prepared ones have. */
async function readSample(connection: Connection): Promise<Operation> {
  const { rows } = await connection.run(sample, [OPERATOR]);
  return readOperations(rows).values().next().value!;
}

/** Random players, none twice. */
function pick(players: Player[]): Player[] {
  for (let i = 0; i < BATCH; i++) {
    const other = randomInt(i, players.length);
    [players[i], players[other]] = [players[other]!, players[i]!];
  }
  return players.slice(0, BATCH);
}

/**
 * Folds an open of each player into its rows, and has the write path save it on a connection that only takes
 * notes.
 */
async function prepareBatch(players: readonly Player[], like: Operation): Promise<Batch> {
  const state = new State();
  for (const { stream, money } of players) {
    state.put(seedStream, stream, true);
    state.put(account, money, true);
  }
  const at = { operationId: '', time: Date.now() * 1000, tx: 1 };
  const entries = players.map((player, i): Entry => {
    const fact = openOf(player, like.facts[0]!);
    const operation = { ...like, ...at, id: uuidv7(Math.floor(at.time / 1000), i), facts: [fact] };
    const { sequence, lines } = state.fold(fact, { ...at, aggregate: fact.id });
    return { operation, part: 0, fact, aggregateSequence: sequence, lines };
  });
  // In the order of time, as the hashes of UUIDv7 keys are.
  const keys = entries.map(({ operation }) => ({ key: uuidv7(Date.now(), 0), operationId: operation.id }));
  const saves: Prepared[] = [];
  const notes = {
    async run(one: Statement, values: readonly unknown[] = []) {
      saves.push({ statement: one, values: [...values] });
      return { rows: [], tag: 'COMMIT' };
    },
    lost: false,
    end: async () => undefined,
  };
  const loaded = { state, now: at.time, tx: at.tx, found: new Map(), known: new Map() };
  await save(notes, OPERATOR, loaded, { outcomes: [], entries, keys });
  return { ...reads(players, keys.map(({ key }) => key), Number(like.facts[0]!.data.lootbox)), saves };
}

function openOf({ stream, money }: Player, like: Fact): Fact {
  const operator = accountId('operator', 0, assetOfAccount(money.id));
  const transfers = like.transfers.map(({ amount }, i): Transfer => (
    i === 0 ? { from: money.id, to: operator, amount } : { from: operator, to: money.id, amount }));
  return { ...like, id: stream.id, transfers };
}

/** The first round trip; rows are locked in the order of tables and ids, as lanes do it. */
function reads(players: readonly Player[], keys: readonly string[], box: number): Omit<Batch, 'saves'> {
  const ids = (list: number[]): Buffer => int8Array(list.sort((a, b) => a - b));
  const lock = ({ name, sql }: Table<any>, list: number[]): Prepared => (
    { statement: statement(`lock_${name}`, sql.lock), values: [OPERATOR, ids(list)] });
  return {
    locks: [
      lock(seedStream, players.map(({ stream }) => stream.id)),
      lock(account, players.map(({ money }) => money.id)),
    ],
    looks: [
      { statement: statement('look_lootbox', lootbox.sql.select), values: [OPERATOR, ids([box])] },
      { statement: operationsByKey, values: [OPERATOR, uuidArray(keys)] },
    ],
  };
}
