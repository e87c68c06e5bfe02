import assert from 'node:assert/strict';
import pg from 'pg';
import { test, type TestContext } from 'vitest';
import { connect, statement, troubleOf, type Connection } from '../../src/journal/connection.ts';
import { account, accountId, type Command, type Table } from '../../src/journal/index.ts';
import { load, LoadPlan } from '../../src/journal/load.ts';
import { guard, player } from '../../src/players/index.ts';
import { seedStream } from '../../src/fairness/index.ts';
import { definition } from '../../src/catalogue/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { like, openJournal, options, register } from './fixture.ts';

const epoch = { number: 1, startedAt: 0, txBase: 0 };

/** A connection that notes which rows it is asked to lock, and in which order. */
async function noting(t: TestContext, url: string): Promise<{ connection: Connection; locked: string[] }> {
  const real = await connect(url);
  t.onTestFinished(() => real.end());
  const locked: string[] = [];
  const connection: Connection = {
    run(what, values) {
      if (what.name.startsWith('lock_')) locked.push(what.name.slice('lock_'.length));
      return real.run(what, values);
    },
    get lost() {
      return real.lost;
    },
    end: () => real.end(),
  };
  return { connection, locked };
}

const callOf = (command: Command<any, any>) => ({
  command,
  request: null,
  options: options(),
  resolve: () => undefined,
  reject: () => undefined,
});

/** A command that locks rows of tables, in this order. */
const locking = (...tables: readonly Table<any>[]): Command<any, any> =>
  like(createTransfer, { needs: (_, rows) => tables.forEach((table) => rows.lock(table, 7)) });

test('a batch locks tables by rank and number, whatever the order in which its calls ask', async (t) => {
  const { url, journal } = await openJournal();
  t.onTestFinished(() => journal.close());
  for (const asked of [
    [account, seedStream, guard, player, definition],
    [player, guard, account, definition, seedStream],
  ]) {
    const { connection, locked } = await noting(t, url);
    const plan = new LoadPlan();
    const call = callOf(locking(...asked));
    call.command.needs(null, plan);
    await load({ connection, operator: 1, register, epoch }, plan, [call]);
    const byRank = [...asked].sort((a, b) => a.rank - b.rank || a.number - b.number).map(({ name }) => name);
    assert.deepEqual([...new Set(locked)], byRank);
    assert.deepEqual(byRank, [definition.name, player.name, guard.name, seedStream.name, account.name]);
    await connection.run(statement('rollback', 'rollback'));
  }
});

test('calls from two processes that need the same rows in any order never meet in a deadlock', async (t) => {
  const { url, journal, faults } = await openJournal(4);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.onTestFinished(async () => {
    await client.end();
    await journal.close();
  });
  const ids = Array.from({ length: 30 }, (_, i) => accountId('player', i + 1, 0));
  const touch = (table: Table<any>, id: (player: number) => number) => (rows: any, p: number) =>
    rows.lock(table, id(p));
  const parts = [
    touch(account, (p) => ids[p]!),
    touch(guard, (p) => p + 1),
    touch(player, (p) => p + 1),
    touch(seedStream, (p) => p + 1),
  ];
  const command = (order: readonly number[]): Command<any, any> =>
    like(createTransfer, {
      needs(request, rows) {
        createTransfer.needs(request, rows);
        for (const p of order) for (const part of p % 2 === 0 ? parts : [...parts].reverse()) part(rows, p);
      },
    });
  const deadlocks = async (): Promise<number> => {
    const { rows } = await client.query('select deadlocks from pg_stat_database where datname = current_database()');
    return Number(rows[0].deadlocks);
  };
  const orders = [ids.map((_, i) => i), ids.map((_, i) => ids.length - 1 - i)];
  await Promise.all(
    Array.from({ length: 120 }, (_, i) =>
      journal.run(
        command(orders[i % 2]!),
        { from: accountId('operator', 0, 0), to: ids[i % ids.length]!, amount: 1n },
        options({ route: i }),
      ),
    ),
  );
  await client.query('select pg_stat_force_next_flush()');
  assert.deepEqual([await deadlocks(), faults], [0, []]);
});

test('a collision is tried again, and so is a lock that is not given in time, or a database that is away', () => {
  const failing = (code: string): unknown => Object.assign(new pg.DatabaseError('x', 1, 'error'), { code });
  const kinds = Object.fromEntries(
    ['55P03', '40P01', '40001', '23505', '08006', '57P01', '57P03', '25P03', '25P04', '25006', '23514', '42601'].map(
      (code) => [code, troubleOf(failing(code))],
    ),
  );
  assert.deepEqual(kinds, {
    '55P03': 'busy',
    '40P01': 'again',
    '40001': 'again',
    '23505': 'again',
    '08006': 'lost',
    '57P01': 'lost',
    '57P03': 'lost',
    '25P03': 'slow',
    '25P04': 'slow',
    '25006': 'lost',
    '23514': 'fatal',
    '42601': 'fatal',
  });
  assert.equal(troubleOf(new Error('connection terminated')), 'fatal');
});
