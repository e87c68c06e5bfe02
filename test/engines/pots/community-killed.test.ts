import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import pg from 'pg';
import { test } from 'vitest';
import { until } from '../../../src/db/index.ts';
import { verifyOperator } from '../../../src/journal/index.ts';
import { TEMPLATE } from '../../contract/definitions.ts';
import { register } from '../../journal/fixture.ts';
import { grpcApi } from '../../support/api.ts';
import { Callers } from '../../support/callers.ts';
import { freshDatabase } from '../../support/database.ts';
import { startServer, type ServerProcess } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { active, shared } from './community-stage.ts';

const WAIT_MS = 40_000;

/** A pot of 10.1 that ann has won, and half of which bob and cid share. @param hold before it is won. */
async function win(server: ServerProcess, url: string, hold: () => Promise<unknown>): Promise<void> {
  const api = grpcApi(server.address);
  const callers = new Callers(api.call, url);
  const ask = async (rpc: string, request: JsonObject, as: 'admin' | 'service' = 'admin'): Promise<any> => {
    const { reason, body } = await api.call(rpc, request, await callers.headers(as, ''));
    assert.equal(reason, null, `${rpc}: ${reason}`);
    return body;
  };
  const id = randomUUID();
  await ask('TemplateService.SaveTemplate', { template: { ...TEMPLATE, ...shared([active(0.5, 2)]), id } });
  await ask('TemplateService.PublishTemplate', { owner_id: 'demo', template_id: id });
  const names = { template_owner_id: 'demo', template_id: id, instance_owner_id: 'demo', instance_name: 'killed' };
  const made = await ask('TemplateService.InstantiateTemplate', names);
  const instance_id = (made.instance ?? made).id as string;
  await ask('InstanceService.SetInstanceStatus', { instance_id, status: 'Active' });
  for (const player of ['bob', 'cid'])
    await ask(
      'ContributionService.Contribute',
      {
        target: { type: 'instance', id: instance_id },
        owner_id: 'demo',
        player: { id: player, token: 't', country: 'MT', brand_id: 'main' },
        base_wager: { currency: 'USD', value: 1 },
        idempotency_key: randomUUID(),
      },
      'service',
    );
  await hold();
  const triggered = { instance_id, pot_id: 'main', brand_id: 'demo:main', player_id: 'ann', source_id: 'test' };
  await ask('InstanceService.TriggerPot', { ...triggered, idempotency_key: randomUUID() }, 'service');
  api.close();
}

const WINNINGS = `select p.user_id, a.balance from player p join account a on a.operator_id = p.operator_id
and a.id / 16384 = p.id and a.id % 32 = 0 where a.balance > 0 order by p.user_id`;

test('a server that is killed between win and shares leaves them in escrow, and others pay each once', async () => {
  const url = await freshDatabase();
  const first = await startServer(url);
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  await win(first, url, async () => {
    await holder.query(
      `insert into account (operator_id, id) select 1, p.id * 16384 + s.asset_no * 32 from player p, asset s
       where p.user_id = 'bob' and s.code = 'USD' on conflict do nothing`,
    );
    await holder.query('begin');
    await holder.query(
      "select from account a join player p on a.id / 16384 = p.id and p.user_id = 'bob' for update of a",
    );
  });
  const states = (): Promise<any[]> => runSql(url, 'select state::int, amount, id from jackpot_payout order by id');
  const waiting = (): Promise<any[]> =>
    runSql(url, "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
  assert.ok(await until(async () => (await waiting()).length > 0, WAIT_MS), 'the payment did not begin');
  await first.end('SIGKILL');
  await runSql(
    url,
    'select pg_terminate_backend(pid) from pg_stat_activity ' +
      "where datname = current_database() and wait_event_type = 'Lock'",
  );
  await holder.query('rollback');
  await holder.end();
  const due = await states();
  assert.deepEqual(
    due.map(({ state, amount }) => [state, amount]),
    [
      [4, '2525000'],
      [4, '2525000'],
    ],
  );
  assert.deepEqual(await runSql(url, WINNINGS), [{ user_id: 'ann', balance: '5050000' }]);
  const servers = [await startServer(url), await startServer(url)];
  // As if a minute had passed: then the tasks of killed servers are given back. And others are run again.
  await runSql(url, "update graphile_worker._private_jobs set locked_at = locked_at - interval '1 minute'");
  const isPaid = async (): Promise<boolean> => (await states()).every(({ state }) => state === 5);
  assert.ok(await until(isPaid, WAIT_MS), 'they are never paid');
  const payload = JSON.stringify({ operator: 1, id: Math.floor(Number(due[0].id) / 1024), at: Date.now() * 1000 });
  for (let i = 0; i < 3; i++)
    await runSql(url, `select graphile_worker.add_job('pots.pay-shares', '${payload}'::json)`);
  const jobs = (): Promise<any[]> =>
    runSql(url, "select id from graphile_worker.jobs where task_identifier = 'pots.pay-shares'");
  assert.ok(await until(async () => (await jobs()).length === 0, WAIT_MS), 'they are not run again');
  assert.deepEqual(await runSql(url, WINNINGS), [
    { user_id: 'ann', balance: '5050000' },
    { user_id: 'bob', balance: '2525000' },
    { user_id: 'cid', balance: '2525000' },
  ]);
  assert.deepEqual(await runSql(url, 'select count(*)::int as facts from journal where kind = 1690'), [{ facts: 1 }]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  assert.deepEqual((await verifyOperator(client, register, 1)).differences, []);
  await client.end();
  await Promise.all(servers.map((server) => server.end('SIGTERM')));
});
