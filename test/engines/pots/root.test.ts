import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { createOrm } from '../../../src/db/index.ts';
import { engines } from '../../../src/engines/index.ts';
import { entitiesOf } from '../../../src/schema.ts';
import { bootstrap } from '../../../src/tenants/index.ts';
import type { Headers } from '../../support/api.ts';
import { freshDatabase } from '../../support/database.ts';
import { ROOT_PASSWORD, startServer, startService, type Service } from '../../support/service.ts';
import { grpcApi } from '../../support/api.ts';
import { runSql } from '../../support/sql.ts';

let service: Service;
let root: Headers;
beforeAll(async () => {
  service = await startService();
  root = await service.credentials('root', '');
});
afterAll(() => service.stop());

async function done(rpc: string, request: JsonObject, as: Headers): Promise<any> {
  const { reason, body } = await service.grpc(rpc, request, as);
  assert.equal(reason, null, JSON.stringify(body));
  return body;
}
const reasonOf = async (rpc: string, request: JsonObject, as: Headers): Promise<string | null> =>
  (await service.rest(rpc, request, as)).reason;
const save = (id: string, name: string) => done('OperatorService.SaveOperators', { items: [{ id, name }] }, root);
const enable = (id: string, enabled: boolean) =>
  done('OperatorService.UpdateOperator', { operator_id: id, enabled }, root);

const ADMIN = { userName: 'ada', password: 'the password of ada' };

/** The operator that root has created gets assets and an admin. */
async function equip(operator: string): Promise<Headers> {
  const orm = createOrm({ databaseUrl: service.databaseUrl, databasePool: 1 }, entitiesOf(engines));
  const assets = [{ code: 'USD', kind: 'currency' as const }];
  await bootstrap(orm, { operator, assets, brand: { id: 7001, name: 'main' }, admin: ADMIN });
  await orm.close();
  const { token } = await done('AuthService.LoginAdmin', { username: 'ada', password: ADMIN.password }, {});
  return { authorization: `Bearer ${token}` };
}

test('an operator that root creates works, is refused while it is disabled, and nobody else is', async () => {
  await save('fresh', 'Fresh');
  const admin = await equip('fresh');
  const { secret } = await done('AuthService.CreateApiKey', { name: 'all' }, admin);
  const key = { authorization: `Bearer ${secret}` };
  const calls: readonly (readonly [string, JsonObject, Headers])[] = [
    ['AuthService.GetMe', {}, admin],
    ['LootboxService.ListLootboxes', {}, key],
    ['JackpotService.ListJackpots', {}, { 'x-windfall-operator': 'fresh' }],
    ['AuthService.LoginAdmin', { username: 'ada', password: ADMIN.password }, {}],
  ];
  const reasons = () => Promise.all(calls.map((call) => reasonOf(...call)));
  assert.deepEqual(await reasons(), [null, null, null, null]);
  await enable('fresh', false);
  assert.deepEqual(
    await reasons(),
    calls.map(() => 'OPERATOR_DISABLED'),
  );
  assert.equal(await reasonOf('AuthService.GetMe', {}, await service.credentials('admin', '')), null);
  await enable('fresh', true);
  assert.deepEqual(await reasons(), [null, null, null, null]);
});

test('what root changes is recorded in the journal of the operator, and what changes nothing is not', async () => {
  const written = async (): Promise<any[]> =>
    runSql(
      service.databaseUrl,
      'select o.name, j.caller, j.kind from journal j join operator o using (operator_id) ' +
        "where o.name in ('noted', 'other-noted') order by j.tx",
    );
  await save('noted', 'Noted');
  await save('noted', 'Noted');
  await enable('noted', true);
  await done(
    'OperatorService.SaveOperators',
    { items: ['other-noted', 'other-noted:main', 'noted'].map((id) => ({ id, name: `The ${id}` })) },
    root,
  );
  await enable('noted', false);
  const facts = await written();
  const count = (of: string): number => facts.filter(({ name }) => name === of).length;
  assert.deepEqual([count('noted'), count('other-noted')], [3, 2]);
  assert.ok(facts.every(({ caller, kind }) => caller === 'root' && Number(kind) === 1613));
});

test('the same operator is created once, by calls at the same time', async () => {
  const items = ['once', 'once:main', 'twice'].map((id) => ({ id, name: id }));
  const calls = [items, items.toReversed(), items, items.toReversed()];
  await Promise.all(calls.map((some) => done('OperatorService.SaveOperators', { items: some }, root)));
  const operators = await done('OperatorService.ListOperators', { name: 'ce' }, root);
  const names = operators.map(({ id, brands }: any) => [id, brands.length]);
  assert.deepEqual(names, [
    ['once', 1],
    ['twice', 0],
  ]);
});

test('admins and keys do not do what root does, with all their scopes', async () => {
  await save('another', 'Another');
  for (const as of ['admin', 'service']) {
    const who = await service.credentials(as, '');
    const denied = as === 'service';
    const save = { items: [{ id: 'mine', name: 'Mine' }] };
    if (denied) assert.equal(await reasonOf('OperatorService.SaveOperators', save, who), 'PERMISSION_DENIED');
    else assert.deepEqual(await done('OperatorService.SaveOperators', save, who), { success: [], failed: ['mine'] });
    const disable = { operator_id: 'demo', enabled: false };
    const refused = denied ? 'PERMISSION_DENIED' : 'INVALID_ARGUMENT';
    assert.equal(await reasonOf('OperatorService.UpdateOperator', disable, who), refused);
    const operators = await done('OperatorService.ListOperators', {}, who);
    assert.deepEqual(
      operators.map(({ id }: any) => id),
      ['demo'],
    );
  }
});

test('neither the password nor a token is in the log; without the password there is no root', async () => {
  const url = await freshDatabase();
  const { address, ...server } = await startServer(url, { LOG_LEVEL: 'trace', ROOT_PASSWORD });
  const api = grpcApi(address);
  const logIn = (password: string) => api.call('AuthService.LoginAdmin', { username: 'root', password }, {});
  assert.equal((await logIn(ROOT_PASSWORD)).reason, null);
  assert.equal((await logIn(`${ROOT_PASSWORD}!`)).reason, 'UNAUTHENTICATED');
  const { token } = (await logIn(ROOT_PASSWORD)).body as { token: string };
  api.close();
  await server.end();
  assert.ok(!server.log().includes(ROOT_PASSWORD) && !server.log().includes(token), 'it is logged');
  const none = await startServer(url, { ROOT_PASSWORD: '' });
  const other = grpcApi(none.address);
  const without = await other.call('AuthService.LoginAdmin', { username: 'root', password: ROOT_PASSWORD }, {});
  assert.equal(without.reason, 'UNAUTHENTICATED');
  const old = await other.call('OperatorService.ListOperators', {}, { authorization: `Bearer ${token}` });
  assert.equal(old.reason, 'UNAUTHENTICATED');
  other.close();
  await none.end();
});
