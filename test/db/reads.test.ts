import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { test } from 'vitest';
import { createOrm, createReads } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { Operator } from '../../src/tenants/index.ts';
import { startOwnCluster } from '../support/own-cluster.ts';

test('reads wait for a database that is stopped or crashes, those under way and those that come', async (t) => {
  const cluster = await startOwnCluster();
  t.onTestFinished(() => cluster.remove());
  const orm = createOrm({ databaseUrl: cluster.url, databasePool: 4, statementMs: 10_000 }, entitiesOf(engines));
  t.onTestFinished(() => orm.close());
  const reads = createReads(orm);
  const slow = () => reads((em) => sql`select pg_sleep(0.5)`.execute(em.getKysely()));
  const count = () => reads((em) => em.count(Operator));
  for (const how of ['fast', 'immediate'] as const) {
    // Some connections are idle when the database goes, others at work.
    await Promise.all([slow(), slow(), slow()]);
    const calls: Promise<unknown>[] = [slow()];
    await sleep(100);
    const halted = cluster.halt(how);
    calls.push(count(), slow());
    const outcomes = Promise.allSettled(calls);
    await halted;
    await sleep(300);
    await cluster.start();
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled'],
    );
    assert.equal(await count(), 0);
  }
});
