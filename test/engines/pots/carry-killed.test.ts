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

const WAIT_MS = 40_000;
const PLAYERS = 2500;

/** Orders a transfer of the opt-ins of many players, while somebody holds one of the second page. */
async function beginTransfer(server: ServerProcess, url: string, hold: () => Promise<unknown>): Promise<void> {
  const api = grpcApi(server.address);
  const headers = await new Callers(api.call, url).headers('admin', '');
  const ask = async (rpc: string, request: JsonObject): Promise<any> => {
    const { reason, body } = await api.call(rpc, request, headers);
    assert.equal(reason, null, `${rpc}: ${reason}`);
    return body;
  };
  const id = randomUUID();
  await ask('TemplateService.SaveTemplate', { template: { ...TEMPLATE, id } });
  await ask('TemplateService.PublishTemplate', { owner_id: 'demo', template_id: id });
  const instances: string[] = [];
  for (const name of ['from', 'to']) {
    const names = { template_owner_id: 'demo', template_id: id, instance_owner_id: 'demo', instance_name: name };
    const made = await ask('TemplateService.InstantiateTemplate', names);
    const instance = (made.instance ?? made).id as string;
    await ask('InstanceService.SetInstanceStatus', { instance_id: instance, status: 'Active' });
    instances.push(instance);
  }
  const [from, to] = instances as [string, string];
  const players = Array.from({ length: PLAYERS }, (_, i) => `p${i}`);
  await ask('InstanceService.SetOptIns', { items: [{ instance_id: from, brand_id: 'demo:main', opt_ins: players }] });
  await ask('InstanceService.SetInstanceStatus', { instance_id: from, status: 'Paused' });
  await hold();
  await ask('InstanceService.TransferPots', {
    source_instance_id: from,
    target_instance_id: to,
    user_id: 'somebody',
    transfer_optins: true,
    pot_rules: [{ source_pot: 'main', target_pot: { main: 1 } }],
    reason: 'killed',
  });
  api.close();
}

test('a server that is killed between two pages has carried the first, and others carry the rest once', async (t) => {
  const url = await freshDatabase();
  const first = await startServer(url);
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  // What it holds would keep the followers of all databases from going on.
  t.onTestFinished(() => holder.end());
  const row = 'select id from jackpot_opt_in order by id offset 1500 limit 1';
  await beginTransfer(first, url, async () => {
    await holder.query('begin');
    await holder.query(`select from jackpot_opt_in where id = (${row}) for update`);
  });
  const state = async (): Promise<any> =>
    (await runSql(url, 'select carried::int, finished_at > to_timestamp(0) as done from pots_opt_in_transfer'))[0];
  const waiting = async (): Promise<any[]> =>
    runSql(url, "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
  assert.ok(await until(async () => (await waiting()).length > 0, WAIT_MS), 'the second page did not begin');
  await first.end('SIGKILL');
  await runSql(
    url,
    'select pg_terminate_backend(pid) from pg_stat_activity ' +
      "where datname = current_database() and wait_event_type = 'Lock'",
  );
  await holder.query('rollback');
  assert.deepEqual(await state(), { carried: 1000, done: false });
  const servers = [await startServer(url), await startServer(url)];
  // As if a minute had passed: then the tasks of killed servers are given back.
  await runSql(url, "update graphile_worker._private_jobs set locked_at = locked_at - interval '1 minute'");
  assert.ok(await until(async () => (await state()).done === true, WAIT_MS), 'it is never finished');
  assert.deepEqual(await state(), { carried: PLAYERS, done: true });
  const counts = 'select count(*)::int as rows, count(distinct player_id)::int as players from jackpot_opt_in';
  assert.deepEqual(await runSql(url, `${counts} where opted_in = 1 group by jackpot_id`), [
    { rows: PLAYERS, players: PLAYERS },
    { rows: PLAYERS, players: PLAYERS },
  ]);
  const pages = await runSql(url, 'select count(*)::int as pages from journal where kind = 1671');
  assert.deepEqual(pages, [{ pages: 3 }]);
  await Promise.all(servers.map((server) => server.end()));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  assert.deepEqual((await verifyOperator(client, register, 1)).differences, []);
  await client.end();
});
