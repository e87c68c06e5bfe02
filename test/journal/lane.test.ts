import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { accountId, type Journal } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { runSql } from '../support/sql.ts';
import { openJournal, options, reasonOf } from './fixture.ts';

const pay = (n: number) => ({ from: accountId('operator', 0, 0), to: accountId('player', n, 0), amount: 1n });

let url: string;
let journal: Journal;
beforeAll(async () => {
  ({ url, journal } = await openJournal());
});
afterAll(() => journal.close());

test('a call whose time is up, or whose caller has left, is never done', async () => {
  const gone = AbortSignal.abort();
  assert.equal(
    await reasonOf(journal.run(createTransfer, pay(1), options({ deadlineMs: Date.now() - 1 }))),
    'DEADLINE_EXCEEDED',
  );
  assert.equal(await reasonOf(journal.run(createTransfer, pay(1), options({ signal: gone }))), 'CANCELLED');
  assert.deepEqual(await runSql(url, 'select 1 from journal'), []);
});

test('a full queue rejects calls of its operator only', async () => {
  const calls = Array.from({ length: 10_500 }, () => reasonOf(journal.run(createTransfer, pay(2), options())));
  const other = reasonOf(journal.run(createTransfer, pay(2), options({ operator: 2 })));
  const outcomes = await Promise.all(calls);
  assert.equal(await other, undefined);
  assert.equal(outcomes.filter((reason) => reason === 'OVERLOADED').length, 500);
  assert.equal(outcomes.filter((reason) => reason === undefined).length, 10_000);
});

test('operators take turns', async () => {
  const many = Array.from({ length: 5000 }, () => journal.run(createTransfer, pay(3), options()));
  const before = journal.stats().batches;
  await journal.run(createTransfer, pay(3), options({ operator: 2 }));
  const batches = journal.stats().batches - before;
  await Promise.all(many);
  assert.ok(batches <= 3, `${batches} batches went first`);
});

test('a closed journal finishes waiting calls and accepts no more', async () => {
  const opened = await openJournal();
  const waiting = Array.from({ length: 1000 }, () => reasonOf(opened.journal.run(createTransfer, pay(4), options())));
  const closed = opened.journal.close();
  assert.equal(await reasonOf(opened.journal.run(createTransfer, pay(4), options())), 'UNAVAILABLE');
  await closed;
  assert.deepEqual([...new Set(await Promise.all(waiting))], [undefined]);
});

test('a call whose caller leaves while it waits is never done', async () => {
  const caller = new AbortController();
  const ahead = Array.from({ length: 1100 }, () => journal.run(createTransfer, pay(5), options()));
  const waiting = reasonOf(journal.run(createTransfer, pay(6), options({ signal: caller.signal })));
  const late = reasonOf(journal.run(createTransfer, pay(6), options({ deadlineMs: Date.now() + 1 })));
  await ahead[0];
  caller.abort();
  await Promise.all(ahead);
  assert.deepEqual([await waiting, await late], ['CANCELLED', 'DEADLINE_EXCEEDED']);
  assert.deepEqual(await runSql(url, 'select 1 from journal where aggregate_id = $1', [accountId('player', 6, 0)]), []);
});

test('the refusal of a full queue says when to come again', async () => {
  const calls = await Promise.allSettled(
    Array.from({ length: 10_001 }, () => journal.run(createTransfer, pay(7), options())),
  );
  const [{ reason }] = calls.filter(({ status }) => status === 'rejected') as [PromiseRejectedResult];
  assert.ok(reason.retryAfterMs > 0);
});
