import assert from 'node:assert/strict';
import pg from 'pg';
import { beforeAll, test } from 'vitest';
import { accountId, Journal, verifyOperator } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';
import { register } from './fixture.ts';

const PLAYER = accountId('player', 5, 0);
let url: string;

beforeAll(async () => {
  url = await freshDatabase();
  await runSql(url, "insert into operator (name) values ('demo')");
  const journal = new Journal(
    {
      databaseUrl: url,
      register,
      assetCode: () => 'WINZ',
      fault: (error) => {
        throw error;
      },
    },
    1,
  );
  for (const amount of [5n, 7n, 11n]) {
    const key = `00000000-0000-0000-0000-0000000000${String(amount).padStart(2, '0')}`;
    await journal.run(
      createTransfer,
      { from: accountId('operator', 0, 0), to: PLAYER, amount },
      {
        operator: 1,
        caller: 'test',
        keys: [key],
        requestHash: 'h',
        route: 1,
        deadlineMs: Infinity,
      },
    );
  }
  await journal.close();
});

/** What verify finds after a change that is undone again. */
async function differencesAfter(change: string, undo: string): Promise<readonly string[]> {
  await runSql(url, change);
  const found = await verify();
  await runSql(url, undo);
  return found.differences;
}

async function verify() {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await verifyOperator(client, register, 1);
  } finally {
    await client.end();
  }
}

test('finds nothing where nothing was touched', async () => {
  assert.deepEqual(await verify(), { facts: 3, rows: 1, lines: 3, receipts: 0, draws: 0, differences: [] });
});

test('finds a balance that was changed', async () => {
  const found = await differencesAfter(
    `update account set balance = balance + 1 where id = ${PLAYER}`,
    `update account set balance = balance - 1 where id = ${PLAYER}`,
  );
  assert.deepEqual(found, [`account ${PLAYER}: balance is 24, the journal says 23`]);
});

test('finds a row that was created', async () => {
  const found = await differencesAfter(
    "insert into player (operator_id, id, code) values (1, 99, '1/x')",
    'delete from player where id = 99',
  );
  assert.deepEqual(found, ['player 99: code is 1/x, the journal says ']);
});

test('treats a blank row as none', async () => {
  assert.deepEqual(
    await differencesAfter('insert into player (operator_id, id) values (1, 99)', 'delete from player where id = 99'),
    [],
  );
});

test('finds a statement line that was changed, or lost', async () => {
  const changed = await differencesAfter(
    'update statement_line set amount = 8 where sequence = 2',
    'update statement_line set amount = 7 where sequence = 2',
  );
  assert.ok(changed.includes(`statement line ${PLAYER}/2: the journal has no such movement`), changed.join());
  const lost = await differencesAfter(
    'create table kept as select * from statement_line where sequence = 3; ' +
      'delete from statement_line where sequence = 3',
    'insert into statement_line select * from kept; drop table kept',
  );
  assert.ok(
    lost.some((difference) => difference.endsWith('has no statement line')),
    lost.join(),
  );
});

test('finds a fact that was lost', async () => {
  const found = await differencesAfter(
    'create table kept as select * from journal where aggregate_sequence = 2; ' +
      'delete from journal where aggregate_sequence = 2',
    'insert into journal select * from kept; drop table kept',
  );
  assert.ok(
    found.some((difference) => difference.startsWith('journal: the facts before')),
    found.join(),
  );
  assert.ok(
    found.some((difference) => difference.includes('names no operation')),
    found.join(),
  );
});
