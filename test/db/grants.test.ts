import assert from 'node:assert/strict';
import { beforeAll, describe, test } from 'vitest';
import { createOrm, grantServer, SERVER_ROLE } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { asServer, freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

const APPENDED = ['journal', 'journal_key', 'statement_line', 'receipt', 'master_key', 'pots_wallet_version'];
const DENIED = /permission denied|must be owner/;

describe('the role of servers', () => {
  let url: string;
  let server: string;
  beforeAll(async () => {
    url = await freshDatabase();
    server = asServer(url);
    assert.notEqual(server, url);
  });

  test('adds to the journal and to what is written once, and changes and deletes none of it', async () => {
    for (const table of APPENDED) {
      const [column] = await runSql(
        url,
        'select attname from pg_attribute where attrelid = $1::regclass and attnum = 1',
        [table],
      );
      const name = column.attname as string;
      for (const text of [
        `update ${table} set ${name} = ${name}`,
        `delete from ${table}`,
        `truncate ${table}`,
        `select 1 from ${table} for update`,
      ])
        await assert.rejects(runSql(server, text), { message: DENIED }, text);
      await runSql(server, `insert into ${table} select * from ${table}`);
    }
  });

  test('neither begins epochs nor deletes state', async () => {
    for (const text of [
      'insert into epoch (number, started_at) values (9e15, now())',
      'update epoch set number = 1',
      'delete from account',
      'delete from player',
      'truncate operator cascade',
      "insert into mikro_orm_migrations (name) values ('9999-x')",
    ])
      await assert.rejects(runSql(server, text), { message: DENIED }, text);
  });

  test('makes, changes and drops nothing, and is no superuser', async () => {
    for (const text of [
      'create table mine (a int)',
      'create schema mine',
      'create table graphile_worker.mine (a int)',
      'alter table journal add column mine int',
      'alter table account disable trigger all',
      'drop table journal',
      'create role mine',
      'set session authorization windfall',
      "copy operator to program 'true'",
    ])
      await assert.rejects(runSql(server, text), { message: DENIED }, text);
    const [role] = await runSql(server, 'select * from pg_roles where rolname = current_user');
    assert.deepEqual(
      [role.rolname, role.rolsuper, role.rolcreaterole, role.rolcreatedb, role.rolbypassrls],
      [SERVER_ROLE, false, false, false, false],
    );
  });

  test('has no more than that, whatever it was given before, and may be given it twice at once', async () => {
    await runSql(url, `grant all on all tables in schema public to ${SERVER_ROLE}`);
    await runSql(server, 'delete from journal');
    const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
    await Promise.all([grantServer(orm, SERVER_ROLE), grantServer(orm, SERVER_ROLE)]);
    await orm.close();
    await assert.rejects(runSql(server, 'delete from journal'), { message: DENIED });
  });
});
