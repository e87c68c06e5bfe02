import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import { until } from '../../src/db/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { Tasks } from '../../src/tasks/index.ts';
import { startOwnCluster, type OwnCluster } from '../support/own-cluster.ts';
import { runSql } from '../support/sql.ts';

let cluster: OwnCluster;
beforeAll(async () => {
  cluster = await startOwnCluster();
});
afterAll(() => cluster.remove());

/** Runs tasks that report their orders; `first` is what the first one does in addition. */
function start(first: () => Promise<void> = async () => undefined): { tasks: Tasks; ran: number[] } {
  const ran: number[] = [];
  const tell = {
    name: 'test.tell',
    run: async (_: Platform, { id }: { readonly id: number }) => {
      ran.push(id);
      if (ran.length === 1) await first();
    },
  };
  return { ran, tasks: new Tasks({ databaseUrl: cluster.url, fault: () => undefined }, {} as Platform, [tell]) };
}

const order = (id: number): Promise<unknown> =>
  runSql(cluster.url, "select graphile_worker.add_job('test.tell', json_build_object('id', $1::int))", [id]);

const ends = {
  'is done': async () => undefined,
  fails: () => Promise.reject(new Error('no answer')),
};

for (const [outcome, end] of Object.entries(ends)) {
  test(`a task that ${outcome} while the database is down kills no process, and others still run`, async (t) => {
    const heard: unknown[] = [];
    const hear = (reason: unknown): void => {
      heard.push(reason);
    };
    process.on('unhandledRejection', hear);
    t.onTestFinished(() => {
      process.off('unhandledRejection', hear);
    });
    const { promise: away, resolve } = Promise.withResolvers<void>();
    // First: the halt would end the connection that orders it.
    await order(1);
    const { tasks, ran } = start(async () => {
      await cluster.halt('immediate');
      resolve();
      await end();
    });
    t.onTestFinished(() => tasks.stop());
    await away;
    await sleep(1000);
    await cluster.start();
    await order(2);
    assert.ok(await until(async () => ran.includes(2), 10_000), 'nothing is run any more');
    assert.deepEqual(heard, []);
  });
}

test('tasks that are stopped have no connection left that a database could end', async () => {
  for (let i = 3; i < 8; i++) {
    const { tasks, ran } = start();
    await order(i);
    assert.ok(await until(async () => ran.includes(i), 10_000));
    await tasks.stop();
    // That would be an unhandled error.
    await cluster.halt('fast');
    await sleep(50);
    await cluster.start();
  }
});

test('a stop does not wait for a task that never ends', async () => {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const { tasks } = start(() => {
    resolve();
    return new Promise(() => undefined);
  });
  await order(3);
  await begun;
  const stopped = tasks.stop().then(() => true);
  assert.ok(await Promise.race([stopped, sleep(20_000, false)]), 'it waits on');
});
