import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest';
import {
  accountId,
  isDue,
  ownerOfAccount,
  type Command,
  type Journal,
  type TaskOrder,
} from '../../src/journal/index.ts';
import { createTransfer, type TransferAnswer } from '../../src/ledger/index.ts';
import { player } from '../../src/players/index.ts';
import { runSql } from '../support/sql.ts';
import { journalOn, like, newKey, openJournal, options, reasonOf } from './fixture.ts';

type Transfer = Parameters<typeof createTransfer.decide>[0];
type TransferCommand = Command<Transfer, TransferAnswer>;

const FUNDS = accountId('operator', 0, 0);
const pay = (n: number): Transfer => ({ from: FUNDS, to: accountId('player', n, 0), amount: 1n });
/** An odd number of microseconds, far from now. */
const AT = 4_000_000_000_123_457;

let url: string;
let journal: Journal;
let other: Journal;
let faults: unknown[];
beforeAll(async () => {
  ({ url, journal, faults } = await openJournal());
  other = journalOn(url, faults);
});
beforeEach(async () => {
  faults.length = 0;
  await runSql(url, 'delete from graphile_worker._private_jobs');
});
afterAll(async () => {
  await journal.close();
  await other.close();
});

/** A transfer whose fact orders tasks. */
const ordering = (...tasks: TaskOrder[]): TransferCommand =>
  like(createTransfer, {
    decide: (request, snapshot) => createTransfer.decide(request, snapshot).map((fact) => ({ ...fact, tasks })),
  });
const order = (id: number, at = AT, task = 'test.first'): TaskOrder => ({ task, id, at });

interface Job {
  readonly key: string | null;
  readonly task: string;
  readonly payload: unknown;
  readonly at: string;
}

/** What is ordered, by key. */
const jobs = (): Promise<Job[]> =>
  runSql(
    url,
    'select j.key, t.identifier as task, j.payload, ' +
      '(extract(epoch from j.run_at) * 1000000)::int8 as at from graphile_worker._private_jobs j ' +
      'join graphile_worker._private_tasks t on t.id = j.task_id order by j.key',
  );
const jobOf = (operator: number, { task, id, at }: TaskOrder): Job => ({
  key: `${task}/${operator}/${id}`,
  task,
  payload: { operator, id, at },
  at: String(at),
});
const transfersTo = async (n: number): Promise<number> =>
  (await runSql(url, 'select 1 from journal where aggregate_id = $1', [accountId('player', n, 0)])).length;

describe('what a fact orders', () => {
  test('is one job for each task, operator and id, at its microsecond', async () => {
    const [a, b, c] = [order(7), order(8, AT + 1), order(7, AT + 2, 'test.second')];
    await Promise.all([
      journal.run(ordering(a, b), pay(1), options()),
      journal.run(ordering(c), pay(1), options()),
      journal.run(ordering(a), pay(1), options({ operator: 2 })),
      journal.run(ordering(), pay(1), options()),
    ]);
    assert.deepEqual(await jobs(), [jobOf(1, a), jobOf(1, b), jobOf(2, a), jobOf(1, c)]);
  });

  test('is replaced by a later order, sooner or later, in a batch or over processes', async () => {
    for (const at of [AT + 5, AT - 5]) {
      await journal.run(ordering(order(7)), pay(2), options());
      await other.run(ordering(order(7, at)), pay(2), options());
      assert.deepEqual(await jobs(), [jobOf(1, order(7, at))]);
    }
    const times = Array.from({ length: 20 }, (_, i) => AT + ((i * 7) % 20));
    await Promise.all(times.map((at) => journal.run(ordering(order(7, at)), pay(2), options())));
    assert.deepEqual(await jobs(), [jobOf(1, order(7, times.at(-1)))]);
  });

  test('is a new job where the earlier one is under way', async () => {
    await journal.run(ordering(order(7)), pay(3), options());
    await runSql(url, "update graphile_worker._private_jobs set locked_at = now(), locked_by = 'somebody'");
    await journal.run(ordering(order(7, AT + 1)), pay(3), options());
    assert.deepEqual(
      (await jobs()).filter(({ key }) => key !== null),
      [jobOf(1, order(7, AT + 1))],
    );
  });

  test('is nothing where the call is refused', async () => {
    const spend = { from: accountId('player', 4, 0), to: FUNDS, amount: 5n };
    const calls = [
      journal.run(ordering(order(7)), spend, options()),
      journal.run(ordering(order(8)), pay(4), options()),
    ];
    assert.deepEqual(await Promise.all(calls.map(reasonOf)), ['INSUFFICIENT_BALANCE', undefined]);
    assert.deepEqual(await jobs(), [jobOf(1, order(8))]);
  });

  test('is nothing where the call is rolled back', async () => {
    // PostgreSQL stores no NUL.
    const torn: TransferCommand = {
      ...createTransfer,
      needs(request, rows) {
        createTransfer.needs(request, rows);
        rows.lock(player, ownerOfAccount(request.to));
      },
      decide: (request, snapshot) =>
        createTransfer.decide(request, snapshot).map((fact) => ({
          ...fact,
          tasks: [order(7)],
          kind: {
            ...fact.kind,
            evolve: (_, rows) => {
              rows.edit(player, ownerOfAccount(request.to)).country = '\0';
            },
          },
        })),
    };
    const calls = [journal.run(torn, pay(5), options()), journal.run(ordering(order(8)), pay(5), options())];
    const [failed, done] = await Promise.allSettled(calls);
    assert.deepEqual([failed!.status, done!.status, faults.length], ['rejected', 'fulfilled', 1]);
    assert.deepEqual([await jobs(), await transfersTo(5)], [[jobOf(1, order(8))], 1]);
  });

  test('is stored with its fact, or neither is', async () => {
    const calls = [
      journal.run(ordering(order(7, AT, 'x'.repeat(200))), pay(6), options()),
      journal.run(ordering(order(8)), pay(6), options()),
    ];
    const [failed, done] = await Promise.allSettled(calls);
    assert.deepEqual([failed!.status, done!.status, faults.length], ['rejected', 'fulfilled', 1]);
    assert.deepEqual([await jobs(), await transfersTo(6)], [[jobOf(1, order(8))], 1]);
  });

  test('is ordered only by the first call if a key repeats it', async () => {
    const keyed = options({ keys: [newKey()], requestHash: 'a' });
    const first = await journal.run(ordering(order(7)), pay(7), keyed);
    await runSql(url, 'delete from graphile_worker._private_jobs');
    const twins = [journal, other].map((on) => on.run(ordering(order(7)), pay(7), keyed));
    assert.deepEqual(
      (await Promise.all(twins)).map(({ operationId, replayed }) => [operationId, replayed]),
      [
        [first.operationId, true],
        [first.operationId, true],
      ],
    );
    assert.deepEqual(await jobs(), []);
  });
});

describe('an order', () => {
  const REFUSED = { reason: 'UNAVAILABLE' };

  test('is due once its time has come', () => {
    assert.equal(isDue(1000, 1000, 1000), true);
    assert.equal(isDue(1000, 1000, 1001), true);
    assert.equal(isDue(900, 1000, 950), true, 'what is due may have become so sooner');
  });

  test('that came too early is refused, so that it is tried again', () => {
    assert.throws(() => isDue(1000, 1000, 999), REFUSED);
    assert.throws(() => isDue(951, 1000, 950), REFUSED);
  });

  test('for an earlier time than the due time is outdated', () => {
    for (const now of [500, 1000, 2000]) assert.equal(isDue(1001, 1000, now), false);
  });
});
