import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOrm, createReads } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { accountId, type Journal } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';
import { journalOn, newKey, options } from './fixture.ts';
import { Proxy } from './proxy.ts';

/** What others may wait for a server's rows, and the server for its own lane. */
const OTHERS_MS = 5000;
const ITSELF_MS = 10_000;

const pay = (n: number) => ({ from: accountId('operator', 0, 0), to: accountId('player', n, 0), amount: 1n });
const ends: (() => unknown)[] = [];
const faults: unknown[] = [];
let url: string;
let other: Journal;

async function wire(): Promise<{ proxy: Proxy; href: string }> {
  const proxy = new Proxy(url);
  const over = new URL(url);
  over.port = String(await proxy.listen());
  ends.push(() => proxy.close());
  return { proxy, href: over.href };
}

function journal(href: string): Journal {
  const made = journalOn(href, faults);
  ends.push(() => made.close());
  return made;
}

/** Resolves to what a call does, and the milliseconds that it takes. */
async function timed<T>(call: Promise<T>): Promise<{ value: T; ms: number }> {
  const started = performance.now();
  return { value: await call, ms: performance.now() - started };
}

beforeAll(async () => {
  url = await freshDatabase();
  await runSql(url, "insert into operator (name) values ('demo'), ('other')");
  other = journal(url);
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
  assert.deepEqual(faults, []);
});

const places = [
  ['update_account', 'before', 'before a batch is saved'],
  ['update_account', 'within', 'in the middle of a statement'],
  ['commit', 'before', 'before the commit'],
  ['commit', 'after', 'after the commit'],
] as const;

for (const [i, [statement, when, place]] of places.entries()) {
  test.concurrent(`a network that falls silent ${place} holds others for 5 s, and itself for 10 s`, async () => {
    const { proxy, href } = await wire();
    const silent = journal(href);
    const call = { request: pay(i + 1), options: options({ keys: [newKey()], requestHash: 'r' }) };
    await silent.run(createTransfer, call.request, options());
    const cut = proxy.silenceAt(statement, when);
    const own = timed(silent.run(createTransfer, call.request, call.options));
    await cut;
    const next = await timed(other.run(createTransfer, pay(i + 1), options()));
    expect(next.ms).toBeLessThan(OTHERS_MS);
    const answer = await own;
    expect(answer.ms).toBeLessThan(ITSELF_MS);
    const again = await other.run(createTransfer, call.request, call.options);
    assert.deepEqual([again.replayed, again.operationId], [true, answer.value.operationId]);
    assert.equal((await silent.run(createTransfer, pay(i + 1), options())).data.toBalance, 4n);
  });
}

test.concurrent('a server serves again once a network that was silent for all of it is back', async () => {
  const { proxy, href } = await wire();
  const silent = journal(href);
  await silent.run(createTransfer, pay(9), options());
  proxy.hold();
  proxy.silence();
  const answer = silent.run(createTransfer, pay(9), options());
  await sleep(7000);
  proxy.release();
  const { ms, value } = await timed(answer);
  expect(ms).toBeLessThan(ITSELF_MS);
  assert.equal(value.data.toBalance, 2n);
});

test.concurrent('reads and changes of administration have new connections after 10 s, as has all else', async () => {
  const { proxy, href } = await wire();
  const orm = createOrm({ databaseUrl: href, databasePool: 4, statementMs: 8000 }, entitiesOf(engines));
  const reads = createReads(orm);
  const silent = journal(href);
  await silent.run(createTransfer, pay(10), options());
  const one = () => reads((em) => sql`select pg_sleep(0.1)`.execute(em.getKysely()));
  const locked = Promise.withResolvers<void>();
  const change = orm.em.fork().transactional(async (em) => {
    await em.execute('select 1 from operator where operator_id = 2 for no key update');
    await Promise.all([one(), one(), one()]);
    proxy.silence();
    locked.resolve();
    await em.execute('select 1');
  });
  const refused = change.catch(() => 'refused');
  await Promise.race([locked.promise, change]);
  const first = timed(one());
  const held = await timed(runSql(url, 'select 1 from operator where operator_id = 2 for no key update'));
  expect(held.ms).toBeLessThan(OTHERS_MS);
  expect((await first).ms).toBeLessThan(ITSELF_MS);
  const rest = await timed(Promise.all([one(), one(), one(), silent.run(createTransfer, pay(10), options())]));
  expect(rest.ms).toBeLessThan(OTHERS_MS);
  assert.equal(await refused, 'refused');
  // Every connection was given back.
  await orm.close();
});
