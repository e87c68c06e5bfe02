/** The SQL of opens: each batch has 512 random players, none twice. */
import { randomInt } from 'node:crypto';
import { lootboxOpened } from '../../src/engines/lootbox/operations/open-lootbox.ts';
import { definition } from '../../src/catalogue/index.ts';
import { seedStream, streamId, type StreamRow } from '../../src/fairness/index.ts';
import {
  account,
  accountId,
  assetOfAccount,
  kindOfAccount,
  ownerOfAccount,
  type AccountRow,
  type Fact,
  type Operation,
  type Transfer,
} from '../../src/journal/index.ts';
import { State } from '../../src/journal/state.ts';
import {
  BATCH,
  lock,
  look,
  lookUpKeys,
  openSql,
  prepareSaves,
  type Batch,
  type Prepare,
  type Reader,
  type SqlOptions,
} from './bare-sql.ts';
import type { OpenDriver } from './driver.ts';

const MOST_PER_SECOND = 40_000;

export const open: OpenDriver<SqlOptions> = (options) => {
  const prepare: Prepare = async (read, connection) => {
    const players = (await readPlayers(read)).filter((_, i) => i % options.connections === connection);
    const like = await read.sample(lootboxOpened.number);
    return () => prepareBatch(pick(players), like);
  };
  return openSql(options, MOST_PER_SECOND, prepare);
};

interface Player {
  readonly stream: StreamRow;
  readonly money: AccountRow;
}

/** All players who have an account, with the rows that an open changes. */
async function readPlayers(read: Reader): Promise<Player[]> {
  const streams = new Map((await read.all(seedStream)).map((row) => [row.id, row]));
  return (await read.all(account))
    .filter(({ id }) => kindOfAccount(id) === 'player')
    .map((money) => ({ money, stream: streams.get(streamId('player', ownerOfAccount(money.id)))! }));
}

/** Random players, none twice. */
function pick(players: Player[]): Player[] {
  for (let i = 0; i < BATCH; i++) {
    const other = randomInt(i, players.length);
    [players[i], players[other]] = [players[other]!, players[i]!];
  }
  return players.slice(0, BATCH);
}

async function prepareBatch(players: readonly Player[], like: Operation): Promise<Batch> {
  const state = new State();
  for (const { stream, money } of players) {
    state.put(seedStream, stream, true);
    state.put(account, money, true);
  }
  const { saves, keys } = await prepareSaves(
    state,
    like,
    players.map((player) => openOf(player, like.facts[0]!)),
  );
  return {
    saves,
    locks: [
      lock(
        seedStream,
        players.map(({ stream }) => stream.id),
      ),
      lock(
        account,
        players.map(({ money }) => money.id),
      ),
    ],
    looks: [look(definition, [Number(like.facts[0]!.data.lootbox)]), lookUpKeys(keys)],
  };
}

function openOf({ stream, money }: Player, like: Fact): Fact {
  const operator = accountId('operator', 0, assetOfAccount(money.id));
  const transfers = like.transfers.map(({ amount }, i): Transfer =>
    i === 0 ? { from: money.id, to: operator, amount } : { from: operator, to: money.id, amount },
  );
  return { ...like, id: stream.id, transfers };
}
