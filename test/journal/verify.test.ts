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

const KEY_BACK = "update journal_key set key = '00000000-0000-0000-0000-000000000005' where key::text like '%06'";

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

test('finds a row that is gone', async () => {
  const found = await differencesAfter(
    `create table kept as select * from account where id = ${PLAYER}; delete from account where id = ${PLAYER}`,
    'insert into account select * from kept; drop table kept',
  );
  assert.deepEqual(found, [`account ${PLAYER} is not stored`]);
});

test('leaves out no table', async () => {
  const names = register.tables.map(({ name }) => name);
  const each = (statement: (name: string) => string): string => names.map(statement).join('; ');
  const found = await differencesAfter(
    each((name) => `insert into ${name} (operator_id, id, sequence) values (1, 999, 7)`),
    each((name) => `delete from ${name} where id = 999`),
  );
  assert.deepEqual(
    found,
    names.map((name) => `${name} 999: sequence is 7, the journal says 0`),
  );
});

test('finds a line with another balance, also the last one', async () => {
  for (const [sequence, count] of [
    [1, 2],
    [3, 2],
  ] as const) {
    const found = await differencesAfter(
      `update statement_line set balance = balance + 1 where sequence = ${sequence}`,
      `update statement_line set balance = balance - 1 where sequence = ${sequence}`,
    );
    assert.equal(found[0], `statement line ${PLAYER}/${sequence} does not follow`);
    assert.equal(found.length, count);
  }
});

test('finds what no state follows from: who called, with which request, under which key', async () => {
  const where = 'where aggregate_sequence = 2';
  const changes: readonly (readonly [string, string])[] = [
    [`update journal set caller = 'tesu' ${where}`, `update journal set caller = 'test' ${where}`],
    [`update journal set request_hash = 'i' ${where}`, `update journal set request_hash = 'h' ${where}`],
    ["update journal_key set key = '00000000-0000-0000-0000-000000000006' where key::text like '%05'", KEY_BACK],
    [
      `update journal set time = time + interval '1 us' ${where}`,
      `update journal set time = time - interval '1 us' ${where}`,
    ],
  ];
  for (const [change, undo] of changes) {
    const found = await differencesAfter(change, undo);
    assert.match(
      String(found),
      /^journal: transaction \d+ is not as it was written: operation [0-9a-f-]{36}, or its keys/,
    );
  }
});

test('finds a seal that was removed', async () => {
  const found = await differencesAfter(
    "create table kept as select seal from journal where aggregate_sequence = 2; update journal set seal = '' " +
      'where aggregate_sequence = 2',
    'update journal set seal = (select seal from kept) where aggregate_sequence = 2; drop table kept',
  );
  assert.match(String(found), /^journal: transaction \d+ has no seal: operation [0-9a-f-]{36}, or its keys$/);
});

test('tells of a fact that cannot be read, and goes on', async () => {
  const found = await differencesAfter(
    'update journal set kind = 99 where aggregate_sequence = 2',
    'update journal set kind = (select kind from journal where aggregate_sequence = 1) where aggregate_sequence = 2',
  );
  assert.match(found[0]!, /^journal: part 0 of operation [0-9a-f-]{36} is no fact: the journal holds fact kind 99/);
});

test('finds a follower that is nowhere', async () => {
  const found = await differencesAfter(
    "insert into follower (operator_id, name, tx, operation_id, part) select 1, 'roll-up', '5', operation_id, 0 " +
      'from journal where aggregate_sequence = 1',
    'delete from follower',
  );
  assert.deepEqual(found, ['follower roll-up is at no entry of the journal']);
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
