import assert from 'node:assert/strict';
import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { createOrm, migrate } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { rollUp, verifyOperator, verifySealed } from '../../src/journal/index.ts';
import { entitiesOf, registerOf, sealedOf } from '../../src/schema.ts';
import { bootstrap, createApiKey, revokeApiKey } from '../../src/tenants/index.ts';
import { isExempt } from '../stress/bytes-exempt.ts';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

const sealed = sealedOf(engines);
const register = registerOf(engines);
const author = { operator: 1, caller: 'test' };
let url: string;
let orm: MikroORM;
let client: pg.Client;

beforeAll(async () => {
  url = await freshDatabase();
  orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  await bootstrap(orm, {
    operator: 'acme',
    brand: { id: 1001, name: 'main' },
    assets: [{ code: 'WINZ', kind: 'coin' }],
    admin: { userName: 'alice', password: 'correct horse battery' },
    key: { secret: 'wf_live_words', scopes: ['read'], name: 'first' },
  });
  const key = { secret: 'wf_live_others', scopes: ['read'], name: 'second', brandId: null };
  const { keyId } = await createApiKey(orm.em.fork(), author, key, 'once', () => undefined);
  await revokeApiKey(orm.em.fork(), author, keyId);
  client = new pg.Client({ connectionString: url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await orm.close();
});

/** What is found after a change of a table, which is taken back. */
async function found(table: string, change: string): Promise<string[]> {
  await runSql(url, `create schema kept; create table kept.rows as select * from ${table}; ${change}`);
  const differences = await verifySealed(client, sealed, [rollUp.name]);
  differences.push(...(await verifyOperator(client, register, 1)).differences);
  await runSql(url, `delete from ${table}; insert into ${table} select * from kept.rows; drop schema kept cascade`);
  return differences;
}

test('nothing differs where only the service has written', async () => {
  assert.deepEqual(await found('operator', 'select 1'), []);
});

test('a changed, removed or added row of each sealed table is found', async () => {
  const changes: Readonly<Record<string, string>> = {
    "update api_key set secret_hash = sha256('x') where key_id = 1": 'api_key 1/1 is not as it was written',
    'update api_key set revoked_at = null where key_id = 2': 'api_key 1/2 is not as it was written',
    'update api_key set brand_id = 0 where key_id = 2': 'api_key 1/2 is not as it was written',
    "update admin set password_hash = 'x'": 'admin 1/1 is not as it was written',
    'delete from admin': 'admin 1/1 is gone, or was not there',
    "insert into admin (operator_id, user_name, password_hash) values (1, 'eve', 'x')":
      'admin 1/2 was not written by the service',
    'update brand set enabled = false': 'brand 1/1001 is not as it was written',
    "update asset set kind = 'ticket'": 'asset 1/0 is not as it was written',
    'update operator set webhook_private = true': 'operator 1 is not as it was written',
    'update epoch set tx_base = 1': 'epoch 0/1 is not as it was written',
    "delete from row_seal where table_name = 'admin'": 'admin 1/1 was not written by the service',
    "update row_seal set table_name = 'admins' where table_name = 'admin'": 'row_seal: admins is no table with seals',
  };
  for (const [change, expected] of Object.entries(changes)) {
    const [, table] = /^(?:update|delete from|insert into) (\w+)/.exec(change)!;
    const differences = await found(table!, change);
    assert.ok(differences.includes(expected), `${change}: ${differences.join('; ')}`);
  }
});

test('an administrative fact that is gone is found, also the last one, which had no key', async () => {
  assert.deepEqual(await found('journal', 'delete from journal where kind = 402'), [
    'journal: facts of administrative writes are missing, or were added',
  ]);
});

test('rows of no operator, and a follower that nobody runs, are found', async () => {
  const player = 'insert into player_activity (operator_id, player_id, day) values (7, 1, 1)';
  assert.deepEqual(await found('player_activity', player), ['player_activity: there is no operator 7']);
  const follower =
    "insert into follower (operator_id, name, tx, operation_id, part) values (1, 'other', '0', gen_random_uuid(), -1)";
  assert.deepEqual(await found('follower', follower), [
    'follower other of operator 1 is none of the service',
    'follower roll-up of operator 1 is gone, or was not there',
  ]);
});

/** What is compared, though its rows are neither state nor sealed. */
const OTHERWISE = [
  'journal',
  'journal_key',
  'statement_line',
  'follower',
  'receipt',
  'operator_account',
  'row_seal',
  'row_number',
];

test('every table of the schema is compared, or it is said why not', async () => {
  const rows = await runSql(
    url,
    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
  );
  const compared = new Set([...OTHERWISE, ...[...register.tables, ...sealed].map(({ name }) => name)]);
  const others = rows.map(({ relname }) => relname as string).filter((name) => !compared.has(name) && !isExempt(name));
  assert.deepEqual(others, []);
});

test('what was there before there were seals is sealed as it was', async (t) => {
  const old = await emptyDatabase();
  const before = createOrm({ databaseUrl: old, databasePool: 1 }, entitiesOf(engines));
  t.onTestFinished(() => before.close());
  await migrate(before, '0034-wallet-credits');
  // Of each column that may be null a row with null, one with what is empty, and one with something.
  await runSql(old, "insert into operator (name) values ('acme')");
  await runSql(old, "insert into admin (operator_id, user_name, password_hash) values (1, 'alice', 'x')");
  const key = 'insert into api_key (operator_id, prefix, secret_hash, scopes, name, brand_id, revoked_at) values (1, ';
  for (const rest of ["'a', '{}', 'a', null, null", "'b', '{read}', '', 0, now()", "'c', '{}', 'c', 1001, now()"])
    await runSql(old, `${key}'w', ${rest})`);
  await migrate(before);
  const own = new pg.Client({ connectionString: old });
  await own.connect();
  t.onTestFinished(() => own.end());
  const differences = await verifySealed(own, sealed, []);
  assert.deepEqual(
    differences.filter((one) => /^(operator|admin|api_key) /.test(one)),
    [],
  );
});
