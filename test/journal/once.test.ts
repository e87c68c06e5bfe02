import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import { accountId, hashOnceKey, taskOptions, type Command } from '../../src/journal/index.ts';
import { createTransfer, type TransferAnswer } from '../../src/ledger/index.ts';
import { journalOn, like, newKey, openJournal, options, reasonOf } from './fixture.ts';

const MINT = { from: accountId('operator', 0, 1), to: accountId('player', 7, 1), amount: 5n };
const once = hashOnceKey(1, 'ledger.transfer', 9);
const answerOf = ({ operationId, replayed }: TransferAnswer): unknown => [operationId, replayed];

test('callers with 50 keys, a task and two servers do once what happens at most once', async ({ onTestFinished }) => {
  const { url, journal, faults } = await openJournal();
  const other = journalOn(url, faults);
  onTestFinished(async () => {
    await Promise.all([journal.close(), other.close()]);
  });
  const calls = Array.from({ length: 50 }, (_, i) => options({ keys: [newKey()], once, requestHash: `request ${i}` }));
  const task = taskOptions(1, 0, { operation: 'ledger.transfer', of: 9 });
  const answers = await Promise.all(
    [...calls, task].map((call, i) => (i % 2 === 0 ? journal : other).run(createTransfer, MINT, call)),
  );
  assert.equal(new Set(answers.map(({ operationId }) => operationId)).size, 1);
  assert.equal(answers.filter(({ replayed }) => !replayed).length, 1);
  assert.deepEqual(faults, []);
});

test('it is asked before the command is: a state that would now refuse does not matter', async ({ onTestFinished }) => {
  const { journal } = await openJournal();
  onTestFinished(() => journal.close());
  const first = await journal.run(createTransfer, MINT, options({ once }));
  const refusing: Command<typeof MINT, TransferAnswer> = like(createTransfer, {
    decide: () => expect.fail('it is decided again'),
  });
  const again = await journal.run(refusing, MINT, options({ once, keys: [newKey()], requestHash: 'x' }));
  assert.deepEqual(answerOf(again), [first.operationId, true]);
});

test('a key of another request is refused, whatever else was done', async ({ onTestFinished }) => {
  const { journal } = await openJournal();
  onTestFinished(() => journal.close());
  const keys = [newKey()];
  const otherOnce = hashOnceKey(1, 'ledger.transfer', 10);
  await journal.run(createTransfer, MINT, options({ once, keys, requestHash: 'close 9' }));
  const run = (more: object): Promise<unknown> => journal.run(createTransfer, MINT, options({ keys, ...more }));
  assert.equal(await reasonOf(run({ once: otherOnce, requestHash: 'close 10' })), 'IDEMPOTENCY_KEY_REUSED');
  await journal.run(createTransfer, MINT, options({ once: otherOnce }));
  assert.equal(await reasonOf(run({ once: otherOnce, requestHash: 'close 10' })), 'IDEMPOTENCY_KEY_REUSED');
  assert.equal(await reasonOf(run({ once, requestHash: 'close 9 of another' })), 'IDEMPOTENCY_KEY_REUSED');
  assert.equal(await reasonOf(run({ once, requestHash: 'close 9' })), undefined);
});

test('a key means its own operation, whatever was done since', async ({ onTestFinished }) => {
  const { journal } = await openJournal();
  onTestFinished(() => journal.close());
  // The same request joins the season of the moment: once in the first season, once in the second one.
  const [first, second] = [11, 12].map((season) => hashOnceKey(1, 'ledger.transfer', season));
  const [keys, otherKeys] = [[newKey()], [newKey()]];
  const run = async (keysOfCall: readonly string[], season: string | undefined): Promise<unknown> =>
    answerOf(await journal.run(createTransfer, MINT, options({ keys: keysOfCall, once: season, requestHash: 'join' })));
  const [[joined], [joinedLater]] = [await run(keys, first), await run(otherKeys, second)] as [[string], [string]];
  assert.notEqual(joined, joinedLater);
  assert.deepEqual(await run(keys, second), [joined, true]);
  assert.deepEqual(await run([newKey()], second), [joinedLater, true]);
  // Two keys of the caller that mean two operations are a mistake.
  const both = journal.run(createTransfer, MINT, options({ keys: [...keys, ...otherKeys], requestHash: 'join' }));
  assert.equal(await reasonOf(both), 'IDEMPOTENCY_KEY_REUSED');
});
