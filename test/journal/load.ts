import pg from 'pg';
import { verifyOperator } from '../../src/journal/index.ts';
import { runSql } from '../support/sql.ts';
import { compareReplies } from './acknowledged.ts';
import { compareState, readBooks } from './books.ts';
import { createBox } from './box.ts';
import { journalOn, register, STRANGER } from './fixture.ts';
import { BOX, type Ask, type Reply } from './server-process.ts';
import { Traffic, type Exchange } from './traffic.ts';

const PLAYERS = 5;

export interface Load {
  readonly random: () => number;
  readonly calls: number;
  readonly clients: number;
  /** The share of calls without a key. */
  readonly keyless: number;
  ask(ask: Ask): Promise<Reply>;
  /** Where replies are noted. */
  readonly told?: Exchange[];
}

/** A fresh database's operator, lootbox and players. */
export async function furnish(url: string): Promise<void> {
  await runSql(url, "insert into operator (name) values ('demo')");
  const faults: unknown[] = [];
  const journal = journalOn(url, faults);
  await createBox(journal, BOX);
  await journal.close();
  // The lootbox is none of the model's business.
  await runSql(url, 'delete from journal');
}

/** Runs random calls from many concurrent clients, over few players that they create themselves. */
export async function run({ random, calls, clients, keyless, ask, told = [] }: Load): Promise<Exchange[]> {
  const traffic = new Traffic({ random, players: PLAYERS, keyless }, told);
  const made = Array.from({ length: PLAYERS }, (_, i): Ask => ({
    command: 'create',
    keys: [`00000000-0000-4000-8000-00000000000${i}`],
    route: i,
    request: {
      ...STRANGER,
      id: i + 1,
      brandId: 1,
      userId: `p${i + 1}`,
      streamName: `player/${i + 1}`,
    },
  }));
  // Twice each, at once.
  await Promise.all([...made, ...made].map(async (one) => traffic.note(one, await ask(one))));
  let left = calls;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) {
        const one = traffic.next();
        traffic.note(one, await ask(one));
      }
    }),
  );
  return traffic.exchanges;
}

/** Compares what is stored with the journal, and the journal with the responses to clients. */
export async function audit(url: string, exchanges: readonly Exchange[]): Promise<void> {
  const books = await readBooks(url);
  await compareReplies(url, books, exchanges);
  await compareState(url, books);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { differences } = await verifyOperator(client, register, 1);
  await client.end();
  const real = differences.filter((difference) => !difference.startsWith('definition'));
  if (real.length > 0) throw new Error(real.join('\n'));
}
