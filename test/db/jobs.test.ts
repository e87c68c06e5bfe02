import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { createOrm, giveBackAbandoned, listJobs } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

let url: string;
let orm: ReturnType<typeof createOrm>;
beforeAll(async () => {
  url = await freshDatabase();
  orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
});
afterAll(() => orm.close());

const order = (key: string): Promise<unknown> =>
  runSql(url, "select graphile_worker.add_job('some-task', '{}', null, now(), 10, $1)", [key]);
const lock = (key: string, worker: string, secondsAgo: number): Promise<unknown> =>
  runSql(
    url,
    "update graphile_worker._private_jobs set locked_by = $2, locked_at = now() - $3 * interval '1 second', " +
      'attempts = 1 where key = $1',
    [key, worker, secondsAgo],
  );
const lockedBy = async (key: string): Promise<string | null> =>
  (await runSql(url, 'select locked_by from graphile_worker.jobs where key = $1', [key]))[0].locked_by;

test('jobs of a process that was killed are given back, and those of a living one are not', async () => {
  for (const key of ['left', 'running', 'waiting']) await order(key);
  await lock('left', 'killed', 61);
  await lock('running', 'alive', 5);
  await giveBackAbandoned(orm.em.fork(), 60);
  assert.deepEqual(
    [await lockedBy('left'), await lockedBy('running'), await lockedBy('waiting')],
    [null, 'alive', null],
  );
  await giveBackAbandoned(orm.em.fork(), 60);
  assert.equal(await lockedBy('running'), 'alive');
});

test('jobs are listed, those tried most first', async () => {
  const keys = (jobs: readonly { readonly key: string }[]): string[] => jobs.map(({ key }) => key);
  await runSql(url, "update graphile_worker._private_jobs set attempts = 3, last_error = 'no room' where key = 'left'");
  const all = await listJobs(orm.em.fork(), false, 10);
  assert.deepEqual(keys(all), ['left', 'running', 'waiting']);
  assert.deepEqual([all[0]!.attempts, all[0]!.last_error], [3, 'no room']);
  assert.deepEqual(keys(await listJobs(orm.em.fork(), true, 10)), ['left', 'running']);
  assert.deepEqual(keys(await listJobs(orm.em.fork(), false, 1)), ['left']);
});

test('a job of a killed process whose key a newer order took is gone, and the newer order is kept', async () => {
  const jobs = async (): Promise<unknown[]> =>
    runSql(
      url,
      'select key, locked_by is null as free from graphile_worker.jobs ' +
        "where task_identifier = 'replaced-task' order by id",
    );
  const orderAgain = (): Promise<unknown> =>
    runSql(url, "select graphile_worker.add_job('replaced-task', '{}', null, now(), 10, 'replaced')");
  await orderAgain();
  await lock('replaced', 'alive', 5);
  await orderAgain();
  await giveBackAbandoned(orm.em.fork(), 60);
  assert.deepEqual(await jobs(), [
    { key: null, free: false },
    { key: 'replaced', free: true },
  ]);
  await giveBackAbandoned(orm.em.fork(), 1);
  assert.deepEqual(await jobs(), [{ key: 'replaced', free: true }]);
});
