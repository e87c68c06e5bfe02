import assert from 'node:assert/strict';
import { test } from 'vitest';
import { account, accountId, type RowRequests } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { runSql } from '../support/sql.ts';
import { like, openJournal, options } from './fixture.ts';

const pay = (n: number) => ({ from: accountId('operator', 0, 0), to: accountId('player', n, 0), amount: 1n });

async function transactions(url: string): Promise<number[]> {
  return (await runSql(url, 'select count(*)::int as n from journal group by tx order by tx')).map(
    ({ n }) => n as number,
  );
}

test('a batch takes at most 512 calls', async (t) => {
  const { url, journal } = await openJournal();
  t.onTestFinished(() => journal.close());
  await Promise.all(Array.from({ length: 1200 }, () => journal.run(createTransfer, pay(1), options())));
  assert.deepEqual(await transactions(url), [512, 512, 176]);
});

test('a batch takes no more calls once it has 10,000 rows, and the others keep their order', async (t) => {
  const { url, journal } = await openJournal();
  t.onTestFinished(() => journal.close());
  // Calls that pay one player have their rows in common, those of different ones have not.
  const greedy = like(createTransfer, {
    needs(request, rows: RowRequests) {
      createTransfer.needs(request, rows);
      for (let i = 0; i < 6000; i++) rows.read(account, request.to + i + 1);
    },
  });
  const calls = [1, 1, 1000, 1, 2000].map((n) => journal.run(greedy, pay(n), options()));
  const answers = await Promise.all(calls);
  assert.deepEqual(await transactions(url), [3, 2]);
  assert.deepEqual(
    answers.map(({ data }) => data.toBalance),
    [1n, 2n, 1n, 3n, 1n],
  );
});

test('a batch takes no more calls once they are 4,000 rewards of work, but always one', async (t) => {
  const { url, journal } = await openJournal();
  t.onTestFinished(() => journal.close());
  const work = ({ amount }: { readonly amount: bigint }): number => Number(amount);
  const drawing = like(createTransfer, { work });
  const calls = [1500, 2500, 1, 9000, 3, 4].map((amount) =>
    journal.run(drawing, { ...pay(1), amount: BigInt(amount) }, options()),
  );
  await Promise.all(calls);
  assert.deepEqual(await transactions(url), [2, 1, 1, 2]);
});
