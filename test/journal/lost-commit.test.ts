import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, test } from 'vitest';
import { accountId, type Journal } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { freshDatabase } from '../support/database.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { runSql } from '../support/sql.ts';
import { journalOn, options } from './fixture.ts';
import { Proxy, type Cut } from './proxy.ts';

const pay = (n: number) => ({ from: accountId('operator', 0, 0), to: accountId('player', n, 0), amount: 1n });
const faults: unknown[] = [];
const ends: (() => void | Promise<void>)[] = [];
let url: string;

/** A journal of one lane whose wire goes over a proxy. */
async function over(databaseUrl: string): Promise<{ journal: Journal; proxy: Proxy }> {
  const proxy = new Proxy(databaseUrl);
  const wire = new URL(databaseUrl);
  wire.port = String(await proxy.listen());
  const journal = journalOn(wire.href, faults);
  ends.push(() => journal.close().then(() => proxy.close()));
  return { journal, proxy };
}

beforeAll(async () => {
  url = await freshDatabase();
  await runSql(url, "insert into operator (name) values ('demo')");
});
afterEach(() => assert.deepEqual(faults, []));
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const outcomes: Record<Exclude<Cut, 'lost'>, string> = {
  before: 'was not committed: it is done again',
  after: 'was committed: it is answered, and not done again',
  late: 'is still under way: its end is waited for',
};

for (const [cut, outcome] of Object.entries(outcomes)) {
  test(`a connection lost at a commit that ${outcome}`, async () => {
    const { journal, proxy } = await over(url);
    const n = 1 + Object.keys(outcomes).indexOf(cut);
    await journal.run(createTransfer, pay(n), options());
    proxy.cutNextCommit(cut as Cut);
    const answers = await Promise.all(Array.from({ length: 5 }, () => journal.run(createTransfer, pay(n), options())));
    assert.equal(proxy.cuts, 1);
    const rows = await runSql(url, 'select operation_id from journal where aggregate_id = $1', [
      accountId('player', n, 0),
    ]);
    assert.equal(rows.length, 6);
    const stored = new Set(rows.map(({ operation_id }) => operation_id));
    assert.ok(answers.every(({ operationId, replayed }) => stored.has(operationId) && !replayed));
    assert.equal((await journal.run(createTransfer, pay(n), options())).data.toBalance, 7n);
  });
}

test('a commit lost in a crash is repeated, even if its transaction number was assigned again', async () => {
  // Nothing but commits writes the log out, so the crash takes all of the transaction with it.
  const cluster = await startOwnCluster(['wal_writer_delay=10000']);
  ends.push(() => cluster.remove());
  await runSql(cluster.url, "insert into operator (name) values ('demo')");
  const { journal, proxy } = await over(cluster.url);
  await journal.run(createTransfer, pay(1), options());
  proxy.cutNextCommit('lost');
  proxy.hold();
  const answer = journal.run(createTransfer, pay(1), options());
  while (proxy.cuts === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const [{ tx: lost }] = await runSql(
    cluster.url,
    'select backend_xid::text as tx from pg_stat_activity where backend_xid is not null',
  );
  await cluster.halt('immediate');
  await cluster.start();
  let given = 0;
  while (given < Number(lost))
    given = Number((await runSql(cluster.url, 'select pg_current_xact_id()::text as tx'))[0].tx);
  const [again] = await runSql(
    cluster.url,
    'select pg_xact_status($1::xid8) as status, count(*)::int as stored from journal',
    [lost],
  );
  assert.deepEqual(again, { status: 'committed', stored: 1 }, 'the number was not given out anew: this proves nothing');
  proxy.release();
  const { operationId, data } = await answer;
  assert.equal(data.toBalance, 2n);
  assert.equal((await runSql(cluster.url, 'select 1 from journal where operation_id = $1', [operationId])).length, 1);
  assert.equal((await journal.run(createTransfer, pay(1), options())).data.toBalance, 3n);
});
