import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { test } from 'vitest';
import { createOrm, until } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { accountId, Followers, LagWatch, rollUp } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { runSql } from '../support/sql.ts';
import { openJournal, options } from './fixture.ts';

test('how far followers are behind is measured, and told once when it is more than a minute', async (t) => {
  const { url, journal } = await openJournal();
  t.onTestFinished(() => journal.close());
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  t.onTestFinished(() => orm.close());
  const registry = new Registry();
  const told: string[] = [];
  const watch = new LagWatch(
    {
      em: () => orm.em.fork(),
      followers: ['roll-up', 'events'],
      registry,
      behind: ({ follower, seconds }) => told.push(`${follower} ${seconds > 60}`),
      caughtUp: ({ follower }) => told.push(`${follower} caught up`),
    },
    20,
  );
  t.onTestFinished(() => watch.stop());
  const value = async (name: string, follower: string): Promise<number> => {
    const metric = registry.getSingleMetric(`windfall_follower_${name}`)!;
    const { values } = (await metric.get()) as { values: { value: number; labels: { follower?: string } }[] };
    return values.find(({ labels }) => labels.follower === follower)?.value ?? NaN;
  };
  const becomes = (name: string, follower: string, holds: (value: number) => boolean) =>
    until(async () => holds(await value(name, follower)), 20_000, 20);

  assert.ok(await becomes('lag_seconds', 'roll-up', (seconds) => seconds === 0), 'an empty journal has no lag');
  const pay = { from: accountId('operator', 0, 0), to: accountId('player', 1, 0), amount: 1n };
  for (const operator of [1, 2]) await journal.run(createTransfer, pay, options({ operator }));
  assert.ok(await becomes('waiting_facts', 'roll-up', (facts) => facts === 2));
  assert.deepEqual(told, []);
  await runSql(url, "update journal set time = time - interval '5 minutes' where operator_id = 2");
  assert.ok(await becomes('lag_seconds', 'events', (seconds) => seconds >= 300 && seconds < 360));
  assert.ok(await until(() => told.length === 2, 5000, 20));
  assert.deepEqual(new Set(told), new Set(['events true', 'roll-up true']));
  const host = { databaseUrl: url, fault: () => undefined, operators: async () => [1, 2] };
  const followers = new Followers(host, [rollUp], 20);
  t.onTestFinished(() => followers.stop());
  assert.ok(await becomes('waiting_facts', 'roll-up', (facts) => facts === 0));
  assert.equal(await value('lag_seconds', 'roll-up'), 0);
  assert.equal(await value('waiting_facts', 'events'), 2);
  assert.ok(await until(() => told.length > 2, 5000, 20));
  assert.deepEqual(told.slice(2), ['roll-up caught up']);
});
