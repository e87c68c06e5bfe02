import assert from 'node:assert/strict';
import pg from 'pg';
import { test } from 'vitest';
import { createOrm, until } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { accountId, Followers, followStep, rollUp, trialBalance } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { runSql } from '../support/sql.ts';
import { openJournal, options } from './fixture.ts';

const FUNDS = accountId('operator', 0, 0);
/** A transfer without its amount, between two of the operator's own accounts. */
const TORN =
  'insert into journal select 1, gen_random_uuid(), 0, 999, 1, 1, 1, pg_current_xact_id(), now(), ' +
  `'test', '', '{${accountId('operator', 0, 1)},${FUNDS}}', ''`;
const PAUSE_MS = 20;

test('a journal that cannot be followed blocks only its own operator, and continues once it can', async (t) => {
  const { url, journal } = await openJournal();
  t.onTestFinished(() => journal.close());
  const faults: unknown[] = [];
  await runSql(url, TORN);
  const followers = new Followers(
    {
      databaseUrl: url,
      fault: (error) => faults.push(error),
      operators: async () => [1, 2],
    },
    [rollUp],
    PAUSE_MS,
  );
  t.onTestFinished(() => followers.stop());
  const pay = (operator: number) =>
    journal.run(createTransfer, { from: FUNDS, to: accountId('player', 1, 0), amount: 1n }, options({ operator }));
  const funds = async (operator: number): Promise<number> =>
    Number(
      (
        await runSql(url, 'select balance from operator_account where operator_id = $1 and id = $2', [operator, FUNDS])
      )[0]?.balance ?? 0,
    );
  await Promise.all([pay(1), pay(2)]);
  assert.ok(await until(async () => (await funds(2)) === -1, 5000), 'the other operator waits for it');
  assert.match(String(faults[0]), /null value/);
  assert.equal(await funds(1), 0);
  await runSql(url, 'delete from journal where kind = 999');
  assert.ok(await until(async () => (await funds(1)) === -1, 5000), 'it does not go on');
});

test('followers whose connection is closed connect again', async (t) => {
  const { url, journal } = await openJournal();
  t.onTestFinished(() => journal.close());
  const followers = new Followers(
    { databaseUrl: url, fault: () => undefined, operators: async () => [1] },
    [rollUp],
    PAUSE_MS,
  );
  t.onTestFinished(() => followers.stop());
  for (let n = 1; n <= 3; n++) {
    await runSql(
      url,
      'select pg_terminate_backend(pid) from pg_stat_activity ' +
        'where datname = current_database() and pid <> pg_backend_pid()',
    );
    await journal.run(createTransfer, { from: FUNDS, to: accountId('player', 1, 0), amount: 1n }, options());
    const read = 'select 1 from operator_account where id = $1 and balance = $2';
    assert.ok(await until(async () => (await runSql(url, read, [FUNDS, -n])).length > 0, 5000));
  }
});

test('the trial balance is exact where a step ends in the middle of a transaction', async (t) => {
  const { url, journal } = await openJournal();
  t.onTestFinished(() => journal.close());
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  t.onTestFinished(async () => {
    await client.end();
    await orm.close();
  });
  const calls = Array.from({ length: 2600 }, () =>
    journal.run(createTransfer, { from: FUNDS, to: accountId('player', 1, 0), amount: 1n }, options()),
  );
  await Promise.all(calls);
  const steps: number[] = [];
  // A transaction of another database holds followers up too, so that there may be more steps than two.
  assert.ok(
    await until(async () => {
      steps.push(await followStep(client, 1, rollUp));
      assert.deepEqual(
        (await trialBalance(orm.em.fork(), 1)).get(0),
        new Map([
          ['player', 2600n],
          ['operator', -2600n],
        ]),
      );
      return steps.reduce((sum, step) => sum + step, 0) === 2600;
    }, 20_000),
    `${steps} facts were followed`,
  );
  assert.ok(steps.every((step) => step <= 2000));
});
