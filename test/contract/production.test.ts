import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { createOrm } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { bootstrap } from '../../src/tenants/index.ts';
import { grpcApi, type Call } from '../support/api.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer, type ServerProcess } from '../support/service.ts';

let folder: string;
let server: ServerProcess;
let api: { call: Call; close(): void };
beforeAll(async () => {
  const databaseUrl = await freshDatabase();
  const orm = createOrm({ databaseUrl, databasePool: 1 }, entitiesOf(engines));
  await bootstrap(orm, {
    operator: 'acme',
    brand: { id: 2001, name: 'main' },
    assets: [{ code: 'WINZ', kind: 'coin' }],
    admin: { userName: 'alice', password: 'correct horse' },
  });
  await orm.close();
  folder = mkdtempSync(join(tmpdir(), 'windfall-production-'));
  server = await startServer(databaseUrl, { WINDFALL_MODE: 'production', MARK_FILE: join(folder, 'mark') });
  api = grpcApi(server.address);
});
afterAll(async () => {
  api.close();
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});

test('an admin logs in without naming an operator, and creates a key that can play', async () => {
  const login = await api.call('AuthService.LoginAdmin', { username: 'alice', password: 'correct horse' });
  assert.equal(login.status, 'OK');
  const admin = { authorization: `Bearer ${(login.body as { token: string }).token}` };
  const { body } = await api.call('AuthService.CreateApiKey', {}, admin);
  const { secret } = body as { secret: string };
  assert.match(secret, /^wf_live_/);
  const me = await api.call('AuthService.GetMe', {}, { authorization: `Bearer ${secret}` });
  assert.deepEqual([me.status, (me.body as { operator_id: string }).operator_id], ['OK', 'acme']);
});

test('every other caller without a credential must name an operator', async () => {
  const unnamed = await api.call('LootboxService.ListLootboxes', {});
  assert.deepEqual([unnamed.status, unnamed.reason], ['INVALID_ARGUMENT', 'INVALID_ARGUMENT']);
  assert.equal((await api.call('LootboxService.ListLootboxes', {}, { 'x-windfall-operator': 'acme' })).status, 'OK');
});

test('the credentials of the demo prove nothing', async () => {
  assert.equal(
    (await api.call('AuthService.LoginAdmin', { username: 'demo', password: 'demo' })).reason,
    'UNAUTHENTICATED',
  );
  assert.equal(
    (await api.call('LootboxService.ListLootboxes', {}, { authorization: 'Bearer wf_test_demo' })).reason,
    'UNAUTHENTICATED',
  );
});

test('a pot lasts at least a minute', async () => {
  const login = await api.call('AuthService.LoginAdmin', { username: 'alice', password: 'correct horse' });
  const admin = { authorization: `Bearer ${(login.body as { token: string }).token}` };
  const pots = (seconds: number): JsonObject => ({
    pots: [
      { id: 'main', fraction: '0.5' },
      { id: 'timed', fraction: '0.5', win_rules: [{ must_drop_time: { seconds } }] },
    ],
  });
  const create = (id: string, seconds: number): ReturnType<Call> =>
    api.call('JackpotService.CreateJackpot', { id, asset: 'WINZ', ...pots(seconds) }, admin);
  const short = await create('short', 59);
  assert.deepEqual(
    [short.reason, short.details['fields']],
    [
      'INVALID_ARGUMENT',
      [
        {
          field: 'pots[1].win_rules',
          description: 'must not end a pot sooner than after 60 seconds',
          reason: 'INVALID',
        },
      ],
    ],
  );
  assert.equal((await create('lasting', 60)).reason, null);
});
