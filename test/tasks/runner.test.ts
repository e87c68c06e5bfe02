import assert from 'node:assert/strict';
import { test } from 'vitest';
import { until } from '../../src/db/index.ts';
import { ApiError } from '../../src/kernel/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { Tasks } from '../../src/tasks/index.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

test('a task that fails is tried again, and is a fault unless it was only too early', async (t) => {
  const url = await freshDatabase();
  const faults: string[] = [];
  const runs: number[] = [];
  const errors = new Map<number, unknown>([
    [1, new Error('broken')],
    [2, new ApiError('UNAVAILABLE', 'it is not time yet')],
  ]);
  const task = {
    name: 'test.fail',
    run: async (_: Platform, { id }: { readonly id: number }) => {
      runs.push(id);
      const error = errors.get(id);
      errors.delete(id);
      if (error !== undefined) throw error;
    },
  };
  const fault = (error: unknown): void => void faults.push((error as Error).message);
  const tasks = new Tasks({ databaseUrl: url, fault }, {} as Platform, [task]);
  t.onTestFinished(() => tasks.stop());
  for (const id of [1, 2])
    await runSql(url, "select graphile_worker.add_job('test.fail', json_build_object('id', $1::int))", [id]);
  const again = async (): Promise<boolean> => {
    // As if the delay before the next try had passed.
    await runSql(url, 'update graphile_worker._private_jobs set run_at = now() where attempts > 0');
    return [1, 2].every((id) => runs.filter((one) => one === id).length === 2);
  };
  assert.ok(await until(again, 10_000), `run: ${runs.join()}`);
  assert.ok(await until(async () => (await jobsOf(url)) === 0, 10_000), 'a task that is done is run again');
  assert.deepEqual(faults, ['broken']);
});

const jobsOf = async (url: string): Promise<number> =>
  Number((await runSql(url, 'select count(*)::int as n from graphile_worker._private_jobs'))[0]!.n);
