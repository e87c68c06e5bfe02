import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { accountId } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { openJournal, options } from './fixture.ts';

const [FUNDS, A, B] = [accountId('operator', 0, 0), accountId('player', 1, 0), accountId('player', 2, 0)];

/** Waits until a connection of the lanes waits for a lock. */
async function waiting(client: pg.Client): Promise<void> {
  const query = "select 1 from pg_stat_activity where datname = current_database() and application_name = 'windfall-lane' and wait_event_type = 'Lock'";
  while ((await client.query(query)).rows.length === 0);
}

test('a deadlock with a stranger runs a lone call again, and nobody hears of it', async (t) => {
  const { url, journal, faults } = await openJournal();
  t.after(() => journal.close());
  for (const to of [A, B]) await journal.run(createTransfer, { from: FUNDS, to, amount: 10n }, options());
  const stranger = new pg.Client({ connectionString: url });
  await stranger.connect();
  t.after(() => stranger.end());
  await stranger.query('begin');
  await stranger.query('select 1 from account where id = $1 for update', [B]);
  const call = journal.run(createTransfer, { from: A, to: B, amount: 1n }, options());
  await waiting(stranger);
  // The lane has A and waits for B. It has waited for longer, so that it is the one that is ended.
  await stranger.query('select 1 from account where id = $1 for update', [A]);
  await stranger.query('commit');
  assert.equal((await call).data.toBalance, 11n);
  assert.deepEqual(faults, []);
});
