import assert from 'node:assert/strict';
import pg from 'pg';
import { test } from 'vitest';
import { createOrm, migrate, until } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { accountId, followStep, rollUp, trialBalance, verifyOperator } from '../../src/journal/index.ts';
import { MICROS_MAX } from '../../src/kernel/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { emptyDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';
import { openJournal, options, register } from './fixture.ts';

const FUNDS = accountId('operator', 0, 0);
const EXTERNAL = accountId('external', 0, 0);

test('an operator’s own accounts hold any amount: rolled up, in the trial balance, and verified', async (t) => {
  const { url, journal } = await openJournal();
  t.onTestFinished(() => journal.close());
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.onTestFinished(async () => {
    await client.end();
    await orm.close();
  });
  const issue = { from: FUNDS, to: EXTERNAL, amount: MICROS_MAX };
  const expected = async (count: bigint): Promise<void> => {
    const sums = (await trialBalance(orm.em.fork(), 1)).get(0)!;
    assert.deepEqual([sums.get('operator'), sums.get('external')], [-count * MICROS_MAX, count * MICROS_MAX]);
  };
  for (const [already, facts] of [
    [0n, 2],
    [2n, 3],
  ] as const) {
    // Together in one step, and added to what is too large already.
    for (let n = 0; n < facts; n++) await journal.run(createTransfer, issue, options());
    await expected(already + BigInt(facts));
    let followed = 0;
    assert.ok(await until(async () => (followed += await followStep(client, 1, rollUp)) === facts, 20_000));
    await expected(already + BigInt(facts));
  }
  const [{ balance }] = await runSql(url, 'select balance from operator_account where id = $1', [FUNDS]);
  assert.equal(balance, String(-5n * MICROS_MAX));
  assert.deepEqual((await verifyOperator(client, register, 1)).differences, []);
  await runSql(url, 'update operator_account set balance = balance + 1 where id = $1', [FUNDS]);
  await runSql(url, 'delete from operator_account where id = $1', [EXTERNAL]);
  assert.deepEqual((await verifyOperator(client, register, 1)).differences, [
    `operator_account ${FUNDS}: balance is ${1n - 5n * MICROS_MAX}, the journal says ${-5n * MICROS_MAX}`,
    `operator_account ${EXTERNAL}: balance is not stored, the journal says ${5n * MICROS_MAX}`,
  ]);
});

test('balances that were rolled up before they had a table of their own move there', async (t) => {
  const url = await emptyDatabase();
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  t.onTestFinished(() => orm.close());
  await migrate(orm, '0035-seals');
  const player = accountId('player', 1, 0);
  await runSql(url, 'insert into account (operator_id, id, balance) values (1, $1, -7), (1, $2, 7)', [FUNDS, player]);
  await migrate(orm);
  const rows = await runSql(
    url,
    "select id, balance::text, 'own' as kind from operator_account union all select id, balance::text, '' from account",
  );
  assert.deepEqual(
    rows.map(({ id, balance, kind }) => [Number(id), balance, kind]),
    [
      [FUNDS, '-7', 'own'],
      [player, '7', ''],
    ],
  );
});
