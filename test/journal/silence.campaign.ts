/**
 * A database that stays away, and rows that are locked for long; too slow for the suite:
 *
 *   node test/journal/silence.campaign.ts
 */
import assert from 'node:assert/strict';
import { accountId } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { runSql } from '../support/sql.ts';
import { journalOn, like, options, reasonOf } from './fixture.ts';

const pay = { from: accountId('operator', 0, 0), to: accountId('player', 1, 0), amount: 1n };
const cluster = await startOwnCluster();
await runSql(cluster.url, "insert into operator (name) values ('demo')");

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const started = Date.now();
  await work();
  console.log(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

await timed('a row that a stranger locks for long makes its calls UNAVAILABLE, and no fault', async () => {
  const faults: unknown[] = [];
  const journal = journalOn(cluster.url, faults);
  await journal.run(createTransfer, pay, options());
  const stranger = runSql(
    cluster.url,
    `begin; select 1 from account where id = ${pay.to} for update; select pg_sleep(70); commit`,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () => reasonOf(journal.run(createTransfer, pay, options()))),
  );
  assert.deepEqual([...new Set(outcomes)], ['UNAVAILABLE']);
  assert.deepEqual(faults, []);
  await stranger;
  await journal.close();
});

await timed('a database that goes away while a batch is taken apart makes all of it UNAVAILABLE at once', async () => {
  const journal = journalOn(cluster.url, []);
  const poison = like(createTransfer, {
    needs() {
      void cluster.halt('immediate');
      throw new Error('poison');
    },
  });
  const calls = [poison, ...Array.from({ length: 100 }, () => createTransfer)].map((command) =>
    reasonOf(journal.run(command, pay, options())),
  );
  const outcomes = await Promise.all(calls);
  assert.deepEqual([...new Set(outcomes.slice(1))], ['UNAVAILABLE']);
  await cluster.start();
  assert.equal(await reasonOf(journal.run(createTransfer, pay, options())), undefined);
  await journal.close();
});
await cluster.remove();
