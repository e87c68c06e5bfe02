import assert from 'node:assert/strict';
import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createOrm } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { verifyOperator, type Verification } from '../../src/journal/index.ts';
import type { MasterKey } from '../../src/master-keys.ts';
import { entitiesOf, registerOf } from '../../src/schema.ts';
import { receiptAudit } from '../../src/tools/receipt-audit.ts';
import { runTool } from '../mark/play.ts';
import { grpcApi } from '../support/api.ts';
import { demoDatabase, MASTER_KEY, startServer } from '../support/service.ts';
import { runSql } from '../support/sql.ts';

const service = { authorization: 'Bearer wf_test_demo' };
const register = registerOf(engines);
const key: MasterKey = { id: '1', key: Buffer.from(MASTER_KEY, 'hex'), from: 0 };
const OPENS = 40;

let url: string;
let orm: MikroORM;
let client: pg.Client;

/** Draws of several recipes: opens in shared batches, plays, contributions, a raffle. */
beforeAll(async () => {
  url = await demoDatabase();
  const server = await startServer(url);
  const { call, close } = grpcApi(server.address);
  const login = await call('AuthService.LoginAdmin', { username: 'demo', password: 'demo' });
  const admin = { authorization: `Bearer ${(login.body as { token: string }).token}` };
  const done = async (rpc: string, request: object, headers = service): Promise<void> => {
    const { status, reason } = await call(rpc, request as never, headers);
    assert.equal(status, 'OK', `${rpc}: ${reason}`);
  };
  const each = (act: (user: string) => Promise<void>): Promise<void[]> =>
    Promise.all(Array.from({ length: OPENS }, (_, i) => act(`p${i}`)));
  const box = { id: 'welcome-box', client_seed: 'my lucky words' };
  await each((user) => done('LootboxService.OpenLootbox', { ...box, user_id: user }));
  await each((user) => done('JackpotService.ContributeToJackpot', { id: 'mystery', user_id: user, amount: 1 }));
  await done('JackpotService.ContributeToJackpot', { id: 'daily-drop', user_id: 'p1', amount: 1 });
  await done('RaffleService.CreateRaffle', { id: 'small', ticket_cost: '1', prize_winz: 5 }, admin);
  await done('RaffleService.DrawRaffle', { id: 'small' });
  close();
  await server.end();
  orm = createOrm({ databaseUrl: url, databasePool: 4 }, entitiesOf(engines));
  client = new pg.Client({ connectionString: url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await orm.close();
});

const verified = async (keys: readonly MasterKey[] = [key]): Promise<Verification> =>
  verifyOperator(client, register, 1, await receiptAudit(orm, keys));

/** What is found after a change of a receipt, which is taken back. */
async function changed(tx: string, change: string, values: readonly unknown[] = []): Promise<readonly string[]> {
  await runSql(url, 'create table kept as select * from receipt where tx = $1', [tx]);
  await runSql(url, change.replace(/^set/, 'update receipt set').concat(' where tx = $1'), [tx, ...values]);
  const { differences } = await verified();
  await runSql(url, 'delete from receipt where tx = $1', [tx]);
  await runSql(url, 'insert into receipt select * from kept');
  await runSql(url, 'drop table kept');
  return differences;
}

describe('verify', () => {
  let tx: string;
  let operations: string[];
  beforeAll(async () => {
    const text =
      'select j.tx::text, array_agg(j.operation_id::text order by j.operation_id) as operations from journal j ' +
      'where j.kind = 1001 group by j.tx order by count(*) desc limit 1';
    [{ tx, operations }] = (await runSql(url, text)) as [{ tx: string; operations: string[] }];
  });

  test('accepts every receipt of every recipe, and says how many it has checked', async () => {
    const { differences, receipts, draws } = await verified();
    assert.deepEqual(differences, []);
    assert.equal(draws, 2 * OPENS + 1);
    const [{ n }] = (await runSql(url, 'select count(*)::int as n from receipt')) as [{ n: number }];
    assert.equal(receipts, n);
    assert.ok(operations.length > 1, 'no batch with several draws');
  });

  const byte = (column: string, at: number): string =>
    `set ${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)`;
  const root = 'its root does not follow from its leaves';
  const signed = 'it is not signed with key 1';

  test('finds a changed byte of the leaves, the root, or the signature', async () => {
    const leaf = `its leaf 1 is not that of the record of operation ${operations[1]}`;
    const expected = { [byte('leaves', 40)]: [root, leaf], [byte('root', 5)]: [signed, root] };
    for (const [change, found] of Object.entries({ ...expected, [byte('signature', 63)]: [signed] }))
      assert.deepEqual(
        await changed(tx, change),
        found.map((one) => `receipt ${tx}: ${one}`),
        change,
      );
  });

  test('finds another time, epoch or key', async () => {
    const found: Record<string, string[]> = {
      "set time = time + interval '1 microsecond'": [signed, 'its time is not that of its draws'],
      'set epoch = epoch + 1': [signed],
      "set key_id = '2'": ['there is no key 2'],
    };
    for (const [change, expected] of Object.entries(found))
      assert.deepEqual(
        await changed(tx, change),
        expected.map((one) => `receipt ${tx}: ${one}`),
      );
  });

  test('finds leaves that were cut away or added, with a root that follows from them', async () => {
    const [{ leaves }] = (await runSql(url, 'select leaves from receipt where tx = $1', [tx])) as [{ leaves: Buffer }];
    const first = leaves.subarray(0, 32);
    const count = operations.length;
    assert.deepEqual(await changed(tx, 'set leaves = $2, root = $2', [first]), [
      `receipt ${tx}: ${signed}`,
      `receipt ${tx}: it has 1 leaves, but the journal has ${count} draws of it`,
    ]);
    assert.deepEqual((await changed(tx, 'set leaves = $2', [Buffer.concat([leaves, first])])).slice(-1), [
      `receipt ${tx}: it has ${count + 1} leaves, but the journal has ${count} draws of it`,
    ]);
    assert.deepEqual((await changed(tx, 'set leaves = $2', [leaves.subarray(0, 33)]))[1], `receipt ${tx}: ${root}`);
  });

  test('finds a receipt that was removed', async () => {
    assert.deepEqual(
      await changed(tx, 'delete from receipt'),
      operations.map((one) => `operation ${one} has drawn, but ${tx} has no receipt`),
    );
    assert.deepEqual((await verified()).differences, []);
  });

  test('finds a fact that no longer has the record that was signed', async () => {
    const [of] = operations as [string];
    const [{ fact }] = (await runSql(url, 'select fact from journal where operation_id = $1', [of])) as [
      { fact: Buffer },
    ];
    const set = (bytes: Buffer) => runSql(url, 'update journal set fact = $2 where operation_id = $1', [of, bytes]);
    const other = Buffer.from(fact.toString('latin1').replace('my lucky words', 'my other words'), 'latin1');
    await set(other);
    const [written, signed] = (await verified()).differences;
    await set(fact);
    assert.match(written!, new RegExp(`^journal: transaction ${tx} is not as it was written: operation ${of}, `));
    assert.equal(signed, `receipt ${tx}: its leaf 0 is not that of the record of operation ${of}`);
    const renamed = of.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    const rename = (from: string, to: string) =>
      runSql(url, 'update journal set operation_id = $2 where operation_id = $1', [from, to]);
    await rename(of, renamed);
    const moved = (await verified()).differences;
    await rename(renamed, of);
    assert.ok(
      moved.some((one) => one === `receipt ${tx}: its leaf 0 is not that of the record of operation ${renamed}`),
      String(moved),
    );
    assert.deepEqual((await verified()).differences, []);
  });

  test('finds draws whose definition is gone', async () => {
    await runSql(url, 'create table versions as select * from definition_version');
    await runSql(url, 'delete from definition_version');
    const { differences } = await verified();
    await runSql(url, 'insert into definition_version select * from versions');
    const found = differences.filter((one) =>
      one.startsWith(`operation ${operations[0]}: its draw cannot be proved: `),
    );
    assert.equal(found.length, 1, String(differences));
    assert.deepEqual((await verified()).differences, []);
  });

  test('accepts an old key after a rotation, and no key that was not used then', async () => {
    const later = { id: '2', key: Buffer.alloc(32, 7), from: Date.now() + 3_600_000 };
    assert.deepEqual((await verified([key, later])).differences, []);
    const before = { ...later, from: Date.now() - 3_600_000 };
    const { differences, receipts } = await verified([key, before]);
    assert.equal(differences.length, receipts);
    assert.match(differences[0]!, /^receipt \d+: key 1 was not used at its time$/);
  });

  test('needs the keys of the database, and ends with 1 and one line for a difference', async () => {
    const other = await runTool('verify', [], { DATABASE_URL: url, MASTER_KEY: 'ab'.repeat(32) });
    assert.equal(other.code, 1);
    assert.match(other.output, /^Cannot verify: master key 1 is not the one that this database was used with\s*$/m);
    await runSql(url, 'update receipt set epoch = epoch + 1 where tx = $1', [tx]);
    const { code, output } = await runTool('verify', [], { DATABASE_URL: url });
    await runSql(url, 'update receipt set epoch = epoch - 1 where tx = $1', [tx]);
    assert.equal(code, 1);
    assert.match(output, new RegExp(`receipt ${tx}: ${signed}\\n.*${2 * OPENS + 1} draws: 1 differences`));
    assert.equal((await runTool('verify', [], { DATABASE_URL: url })).code, 0);
    // What differs first counts as much as what differs last.
    await runSql(url, "update operator set display_name = 'Another'");
    assert.equal((await runTool('verify', [], { DATABASE_URL: url })).code, 1);
    await runSql(url, "update operator set display_name = ''");
  });
});
