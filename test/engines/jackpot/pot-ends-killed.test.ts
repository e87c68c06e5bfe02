import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { test } from 'vitest';
import { until } from '../../../src/db/index.ts';
import { register } from '../../journal/fixture.ts';
import { verifyOperator } from '../../../src/journal/index.ts';
import { grpcApi } from '../../support/api.ts';
import { Callers } from '../../support/callers.ts';
import { freshDatabase } from '../../support/database.ts';
import { startServer, type ServerProcess } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';

const WAIT_MS = 40_000;
const PLAYERS = ['ann', 'bob', 'cid', 'dan'];
const SECONDS = 3;

/** Makes a jackpot that is drawn among four players after some seconds. */
async function makeJackpot(server: ServerProcess, url: string): Promise<void> {
  const api = grpcApi(server.address);
  const callers = new Callers(api.call, url);
  const ask = async (rpc: string, as: string, request: object): Promise<void> => {
    const { reason } = await api.call(`JackpotService.${rpc}`, request as never, await callers.headers(as, ''));
    assert.equal(reason, null, `${rpc}: ${reason}`);
  };
  const pots = [{ id: 'hourly', seed: '10', win_rules: [{ must_drop_time: { seconds: SECONDS } }] }];
  await ask('CreateJackpot', 'admin', { id: 'killed', asset: 'USD', pots });
  for (const user of PLAYERS)
    await ask('ContributeToJackpot', 'service', {
      id: 'killed',
      user_id: user,
      amount: 1,
      source_wager_id: randomUUID(),
    });
  api.close();
}

const ENDS =
  'select e.id, e.cycle::int, e.paid_at > to_timestamp(0) as paid, a.balance as escrow from jackpot_pot_end e ' +
  'join account a on a.id = e.id * 16384 + $1 * 32 + 1 and a.operator_id = e.operator_id order by e.id';
const WINNINGS =
  'select p.user_id, a.balance from player p join account a on a.operator_id = p.operator_id ' +
  'and a.id = p.id * 16384 + $1 * 32 where a.balance > 0';

test('a server that is killed between close and payment leaves the money in escrow, and another pays', async () => {
  const url = await freshDatabase();
  const first = await startServer(url);
  await makeJackpot(first, url);
  const [{ asset_no: asset }] = await runSql(url, "select asset_no from asset where operator_id = 1 and code = 'USD'");
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  // Whoever wins: the payment waits for the winner's account.
  await holder.query('begin');
  await holder.query('select from account a join player p on a.id / 16384 = p.id and a.id % 32 = 0 for update of a');
  await holder.query(
    'insert into account (operator_id, id) select operator_id, id * 16384 + $1 * 32 from player on conflict do nothing',
    [asset],
  );
  const ends = (): Promise<any[]> => runSql(url, ENDS, [asset]);
  assert.ok(await until(async () => (await ends()).length > 0, WAIT_MS), 'the cycle did not end');
  const waiting = async (): Promise<any[]> =>
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
  const [left] = await ends();
  assert.deepEqual([left.cycle, left.paid, left.escrow], [1, false, '14000000']);
  assert.deepEqual(await runSql(url, WINNINGS, [asset]), []);
  const servers = [await startServer(url), await startServer(url)];
  // As if a minute had passed: then the tasks of killed servers are given back.
  await runSql(url, "update graphile_worker._private_jobs set locked_at = locked_at - interval '1 minute'");
  assert.ok(await until(async () => (await ends())[0].paid === true, WAIT_MS), 'it is never paid');
  const winnings = await runSql(url, WINNINGS, [asset]);
  assert.deepEqual(
    winnings.map(({ balance }) => balance),
    ['14000000'],
  );
  assert.equal((await ends())[0].escrow, '0');
  await Promise.all(servers.map((server) => server.end()));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  assert.deepEqual((await verifyOperator(client, register, 1)).differences, []);
  await client.end();
});
