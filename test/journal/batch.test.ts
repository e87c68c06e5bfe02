import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { accountId, type Journal } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { runSql } from '../support/sql.ts';
import { journalOn, like, newKey, openJournal, options, reasonOf } from './fixture.ts';

const FUNDS = accountId('operator', 0, 0);
const player = (n: number): number => accountId('player', n, 0);
const pay = (n: number, amount = 1n) => ({ from: FUNDS, to: player(n), amount });

let url: string;
let journal: Journal;
let other: Journal;
let faults: unknown[];
beforeAll(async () => {
  ({ url, journal, faults } = await openJournal(2));
  other = journalOn(url, faults, 2);
});
afterAll(async () => {
  await journal.close();
  await other.close();
});

const balance = async (n: number): Promise<string> =>
  String((await runSql(url, 'select balance from account where id = $1', [player(n)]))[0]?.balance ?? '0');

test('a refusal affects only its call', async () => {
  const spend = { from: player(10), to: FUNDS, amount: 5n };
  const calls = [pay(10, 3n), spend, pay(10, 3n), spend].map((request) =>
    reasonOf(journal.run(createTransfer, request, options())),
  );
  assert.deepEqual(await Promise.all(calls), [undefined, 'INSUFFICIENT_BALANCE', undefined, undefined]);
  assert.equal(await balance(10), '1');
});

test('a refused call leaves its key free', async () => {
  const keyed = options({ keys: [newKey()], requestHash: 'a' });
  assert.equal(
    await reasonOf(journal.run(createTransfer, { from: player(11), to: FUNDS, amount: 1n }, keyed)),
    'INSUFFICIENT_BALANCE',
  );
  await journal.run(createTransfer, pay(11), options());
  assert.equal(
    await reasonOf(journal.run(createTransfer, { from: player(11), to: FUNDS, amount: 1n }, keyed)),
    undefined,
  );
});

test('one key is one operation, in a batch, over lanes and over processes at once', async () => {
  const keyed = { keys: [newKey()], requestHash: 'a' };
  const calls = Array.from({ length: 40 }, (_, i) =>
    (i % 2 === 0 ? journal : other).run(createTransfer, pay(12), options({ ...keyed, route: i })),
  );
  const answers = await Promise.all(calls);
  assert.equal(new Set(answers.map(({ operationId }) => operationId)).size, 1);
  assert.equal(answers.filter(({ replayed }) => !replayed).length, 1);
  assert.equal(await balance(12), '1');
});

test('one key with two requests is refused, also where they touch nothing in common', async () => {
  const key = newKey();
  const calls = Array.from({ length: 20 }, (_, i) => {
    const n = 20 + (i % 2);
    return reasonOf(
      (i % 4 < 2 ? journal : other).run(
        createTransfer,
        pay(n),
        options({ keys: [key], requestHash: String(n), route: i }),
      ),
    );
  });
  const outcomes = await Promise.all(calls);
  assert.equal(outcomes.filter((reason) => reason === 'IDEMPOTENCY_KEY_REUSED').length, 10);
  assert.deepEqual([await balance(20), await balance(21)].sort(), ['0', '1']);
});

test('a key that is several times in one batch is one operation, and one fact', async () => {
  const keyed = options({ keys: [newKey()], requestHash: 'a' });
  const first = await journal.run(createTransfer, pay(15), keyed);
  let facts = 0;
  const counting = like(createTransfer, {
    answer(operation, replayed) {
      facts = operation.facts.length;
      return createTransfer.answer(operation, replayed);
    },
  });
  const again = await Promise.all(Array.from({ length: 3 }, () => journal.run(counting, pay(15), keyed)));
  assert.deepEqual(
    again.map(({ operationId }) => operationId),
    Array.from({ length: 3 }, () => first.operationId),
  );
  assert.equal(facts, 1);
});

test('two keys that are known for two operations are refused', async () => {
  const [a, b] = [newKey(), newKey()];
  for (const key of [a, b]) await journal.run(createTransfer, pay(13), options({ keys: [key], requestHash: 'h' }));
  assert.equal(
    await reasonOf(journal.run(createTransfer, pay(13), options({ keys: [a, b], requestHash: 'h' }))),
    'IDEMPOTENCY_KEY_REUSED',
  );
});

test('a command that decides nothing leaves nothing, and its key free', async () => {
  const idle = like(createTransfer, { decide: () => [], answer: () => ({}) as never });
  const keyed = options({ keys: [newKey()], requestHash: 'a' });
  await journal.run(idle, pay(14), keyed);
  assert.equal((await journal.run(createTransfer, pay(14), keyed)).replayed, false);
});

test('two processes concurrently create rows that are not stored yet', async () => {
  const calls = Array.from({ length: 60 }, (_, i) =>
    (i % 2 === 0 ? journal : other).run(createTransfer, pay(1000 + (i % 15)), options({ route: i })),
  );
  await Promise.all(calls);
  const [{ sum }] = await runSql(url, 'select sum(balance) from account where id between $1 and $2', [
    player(1000),
    player(1014),
  ]);
  assert.equal(sum, '60');
});

test('transfers in circles over the same rows, from two processes, finish without an error', async () => {
  faults.length = 0;
  for (let n = 50; n < 54; n++) await journal.run(createTransfer, pay(n, 1000n), options());
  const calls = Array.from({ length: 400 }, (_, i) =>
    (i % 2 === 0 ? journal : other).run(
      createTransfer,
      {
        from: player(50 + (i % 4)),
        to: player(50 + ((i + 1 + (i % 3)) % 4)),
        amount: 1n,
      },
      options({ route: i }),
    ),
  );
  await Promise.all(calls);
  const [{ sum }] = await runSql(url, 'select sum(balance) from account where id = any($1)', [
    [50, 51, 52, 53].map(player),
  ]);
  assert.equal(sum, '4000');
  assert.deepEqual(faults, []);
});
