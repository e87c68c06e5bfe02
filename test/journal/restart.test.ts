import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { accountId } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { freshDatabase } from '../support/database.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { seeded } from '../support/requests.ts';
import { runSql } from '../support/sql.ts';
import { tally } from './acknowledged.ts';
import { journalOn, openJournal, options } from './fixture.ts';
import { audit, furnish, run } from './load.ts';
import { serve, boundBox } from './server-process.ts';
import type { Exchange } from './traffic.ts';

// The same calls again: SEED=… npx vitest run test/journal/restart.test.ts
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const pay = (n: number) => ({ from: accountId('operator', 0, 0), to: accountId('player', n, 0), amount: 1n });

test(`a database that stops and crashes under load loses nothing and doubles nothing (SEED=${SEED})`, async (t) => {
  const cluster = await startOwnCluster();
  t.onTestFinished(() => cluster.remove());
  await furnish(cluster.url);
  const random = seeded(SEED);
  const journals = [0, 1].map(() => journalOn(cluster.url, [], 2));
  const lootbox = boundBox();
  const exchanges: Exchange[] = [];
  const ask: Parameters<typeof run>[0]['ask'] = (one) => serve(journals[Math.floor(random() * 2)]!, lootbox, one);
  let running = true;
  const restarts = (async () => {
    for (const how of ['fast', 'immediate', 'immediate'] as const) {
      await sleep(300 + random() * 500);
      await cluster.halt(how);
      await cluster.start();
    }
    await sleep(300);
    running = false;
  })();
  // Load until the last restart is over, so that the lanes are seen to recover.
  const loading = run({
    random,
    calls: 1_000_000,
    clients: 40,
    keyless: 0.2,
    ask: (one) => (running ? ask(one) : Promise.reject(new Error('over'))),
    told: exchanges,
  });
  await assert.rejects(loading, { message: 'over' });
  await restarts;
  await Promise.all(journals.map((journal) => journal.close()));
  await audit(cluster.url, exchanges);
  await t.annotate(tally(exchanges));
});

test('connections that the database ends are replaced', async (t) => {
  const { url, journal, faults } = await openJournal(2);
  t.onTestFinished(() => journal.close());
  for (let i = 0; i < 5; i++) {
    const calls = Array.from({ length: 40 }, (_, n) => journal.run(createTransfer, pay(1), options({ route: n })));
    await runSql(
      url,
      'select pg_terminate_backend(pid) from pg_stat_activity ' +
        "where datname = current_database() and application_name = 'windfall-lane'",
    );
    await Promise.all(calls);
  }
  assert.equal((await journal.run(createTransfer, pay(1), options())).data.toBalance, 201n);
  assert.deepEqual(faults, []);
});

test('a batch waits for a database that temporarily accepts no writes, as after a failover', async (t) => {
  const url = await freshDatabase();
  await runSql(url, "insert into operator (name) values ('demo')");
  const { pathname } = new URL(url);
  const readOnly = (on: boolean): Promise<unknown> =>
    runSql(
      url.replace(pathname, '/postgres'),
      `alter database ${pathname.slice(1)} set default_transaction_read_only = ${on}`,
    );
  await readOnly(true);
  const faults: unknown[] = [];
  const journal = journalOn(url, faults);
  t.onTestFinished(() => journal.close());
  const answer = journal.run(createTransfer, pay(1), options());
  await sleep(200);
  await readOnly(false);
  assert.equal((await answer).data.toBalance, 1n);
  assert.deepEqual(faults, []);
});
