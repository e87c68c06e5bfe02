import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { accountId, runInOrder, runOne, StaleVersionError, type Journal, type Work } from '../../src/journal/index.ts';
import { createTransfer, type TransferAnswer } from '../../src/ledger/index.ts';
import { ApiError } from '../../src/kernel/index.ts';
import { like, openJournal, options } from './fixture.ts';

type Transfer = Parameters<typeof createTransfer.decide>[0];

let journal: Journal;
let faults: unknown[];
beforeAll(async () => {
  ({ journal, faults } = await openJournal());
});
afterAll(() => journal.close());

const work = (
  prepare: Work<number, Transfer, TransferAnswer>['prepare'],
  command = createTransfer,
): Work<number, Transfer, TransferAnswer> => ({ journal, command, prepare });
const ready = (player: number) => ({
  request: { from: accountId('operator', 0, 0), to: accountId('player', player, 0), amount: 1n },
  options: options(),
});
const balances = (outcomes: readonly PromiseSettledResult<TransferAnswer>[]) =>
  outcomes.map((one) => (one.status === 'fulfilled' ? one.value.data.toBalance : (one.reason as ApiError).reason));

test('items are decided in order, even if one of them is prepared late', async () => {
  const late = work((n) =>
    n === 2
      ? new Promise((resolve) => {
          setTimeout(() => resolve(ready(1)), 5);
        })
      : ready(1),
  );
  assert.deepEqual(balances(await runInOrder(late, [1, 2, 3, 4])), [1n, 2n, 3n, 4n]);
});

test('an item that cannot be prepared fails alone, whether it throws or rejects', async () => {
  const error = new ApiError('PLAYER_NOT_FOUND', 'nobody');
  const some = work((n) => {
    if (n === 1) throw error;
    return n === 2 ? Promise.reject(error) : ready(2);
  });
  assert.deepEqual(balances(await runInOrder(some, [0, 1, 2, 3])), [1n, 'PLAYER_NOT_FOUND', 'PLAYER_NOT_FOUND', 2n]);
});

test('an internal error of one item is logged, and its failure names the id in the log', async () => {
  faults.length = 0;
  const broken = work((n) => {
    if (n === 1) throw new Error('a secret');
    return ready(3);
  });
  const [, outcome] = (await runInOrder(broken, [0, 1])) as PromiseRejectedResult[];
  assert.equal((outcome!.reason as ApiError).reason, 'INTERNAL');
  assert.match((outcome!.reason as ApiError).message, /^internal error [0-9a-f-]{36}$/);
  assert.deepEqual(faults.map(String), ['Error: a secret']);
});

test('an item made from a definition that has changed is retried with the new one', async () => {
  const asked: boolean[] = [];
  let stale = true;
  const once = like(createTransfer, {
    decide(request, snapshot) {
      if (stale && request.amount === 1n) throw new StaleVersionError();
      return createTransfer.decide(request, snapshot);
    },
  });
  const chased = work((_, fresh) => {
    asked.push(fresh);
    stale = !fresh;
    return ready(4);
  }, once);
  assert.equal((await runOne(chased, 0)).data.toBalance, 1n);
  assert.deepEqual(asked, [false, true]);
  assert.deepEqual(balances(await runInOrder(chased, [0, 0])), [2n, 3n]);
});
