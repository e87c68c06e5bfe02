import assert from 'node:assert/strict';
import pg from 'pg';
import { test, type TestContext } from 'vitest';
import { accountId } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { runSql } from '../support/sql.ts';
import { createPlayer } from '../../src/players/commands/create-player.ts';
import { newKey, openJournal, options, reasonOf, STRANGER } from './fixture.ts';

const [FUNDS, A, B] = [accountId('operator', 0, 0), accountId('player', 1, 0), accountId('player', 2, 0)];

/** Waits until a connection of the lanes waits for a lock. */
async function waiting(client: pg.Client): Promise<void> {
  const query =
    'select 1 from pg_stat_activity where datname = current_database() ' +
    "and application_name = 'windfall-lane' and wait_event_type = 'Lock'";
  while ((await client.query(query)).rows.length === 0);
}

/** A journal of one lane, two funded accounts, and a stranger in a transaction. */
async function meet(t: TestContext) {
  const opened = await openJournal();
  for (const to of [A, B]) await opened.journal.run(createTransfer, { from: FUNDS, to, amount: 10n }, options());
  const stranger = new pg.Client({ connectionString: opened.url });
  await stranger.connect();
  // If both look for a deadlock at the same time either may be cancelled: the other program looks later.
  await stranger.query("set deadlock_timeout = '10s'");
  await stranger.query('begin');
  t.onTestFinished(async () => {
    await stranger.end();
    await opened.journal.close();
  });
  return { ...opened, stranger };
}

test('a single call is retried silently after a deadlock with another program', async (t) => {
  const { journal, faults, stranger } = await meet(t);
  await stranger.query('select 1 from account where id = $1 for update', [B]);
  const call = journal.run(createTransfer, { from: A, to: B, amount: 1n }, options());
  await waiting(stranger);
  // The lane has A and waits for B. It looks for a deadlock first, so that it is the one that is cancelled.
  await stranger.query('select 1 from account where id = $1 for update', [A]);
  await stranger.query('commit');
  assert.equal((await call).data.toBalance, 11n);
  assert.deepEqual(faults, []);
});

test("a lone call whose key a stranger was faster with gets the stranger's operation", async (t) => {
  const { journal, faults, stranger } = await meet(t);
  const key = newKey();
  const {
    rows: [{ operation_id: id }],
  } = await stranger.query(`insert into journal select 1, gen_random_uuid(), 0, kind, version, 99, 1,
    pg_current_xact_id(), now(), caller, 'h', transfers, fact from journal limit 1 returning operation_id`);
  await stranger.query('insert into journal_key values (1, $1, $2)', [key, id]);
  const call = journal.run(createTransfer, { from: A, to: B, amount: 1n }, options({ keys: [key], requestHash: 'h' }));
  await waiting(stranger);
  await stranger.query('commit');
  const { operationId, replayed } = await call;
  assert.deepEqual([operationId, replayed], [id, true]);
  assert.deepEqual(faults, []);
});

test('a single call whose connection is closed while it waits for a lock is retried on the next one', async (t) => {
  const { journal, faults, stranger } = await meet(t);
  await stranger.query('select 1 from account where id = $1 for update', [B]);
  const call = journal.run(createTransfer, { from: A, to: B, amount: 1n }, options());
  await waiting(stranger);
  await stranger.query(
    'select pg_terminate_backend(pid) from pg_stat_activity ' +
      "where datname = current_database() and application_name = 'windfall-lane'",
  );
  await stranger.query('commit');
  assert.equal((await call).data.toBalance, 11n);
  assert.deepEqual(faults, []);
});

test('calls of one batch see the codes that the ones before them took, without a collision', async (t) => {
  const { url, journal, faults } = await openJournal();
  t.onTestFinished(() => journal.close());
  const connection = async (): Promise<unknown> =>
    (
      await runSql(
        url,
        "select pid from pg_stat_activity where datname = current_database() and application_name = 'windfall-lane'",
      )
    )[0]?.pid;
  await journal.run(createTransfer, { from: FUNDS, to: A, amount: 10n }, options());
  const before = await connection();
  const profile = { ...STRANGER, brandId: 1, userId: 'same', streamName: 'player/1' };
  const outcomes = await Promise.all(
    [11, 12, 13].map((id) => reasonOf(journal.run(createPlayer, { ...profile, id }, options()))),
  );
  assert.deepEqual(outcomes, [undefined, 'ALREADY_EXISTS', 'ALREADY_EXISTS']);
  // A batch that collides drops its connection.
  assert.equal(await connection(), before);
  assert.deepEqual(faults, []);
});
