import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createOrm, migrate, nextId } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { Admin, Operator } from '../../src/tenants/entities.ts';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

type Orm = ReturnType<typeof createOrm>;
const ormOf = (databaseUrl: string): Orm => createOrm({ databaseUrl, databasePool: 3 }, entitiesOf(engines));

describe('migrations', () => {
  let url: string;
  let orm: Orm;
  beforeAll(async () => {
    url = await emptyDatabase();
    orm = ormOf(url);
  });
  afterAll(() => orm.close());

  test('lead from an empty database to the newest, once', async () => {
    const ran = await migrate(orm);
    assert.equal(ran[0], '0001-initial');
    assert.deepEqual(await migrate(orm), []);
  });

  test('lead to what the entities say', async () => {
    assert.equal(await orm.schema.getUpdateSchemaSQL({ wrap: false }), '');
  });

  test('leave nothing for npm run migration', async () => {
    assert.equal(await orm.migrator.checkSchema(), false);
  });

  test('are run by one of two processes that start at once', async () => {
    const shared = await emptyDatabase();
    const orms = [ormOf(shared), ormOf(shared)];
    const ran = await Promise.all(orms.map((orm) => migrate(orm)));
    await Promise.all(orms.map((each) => each.close()));
    assert.deepEqual(
      ran.map(({ length }) => length).sort((a, b) => a - b),
      [0, ran.flat().length],
    );
  });

  test('put operator_id first in every primary key', async () => {
    const rows = await runSql(
      url,
      `
      select c.conrelid::regclass::text as table, a.attname as first
      from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      where c.contype = 'p' and c.connamespace = 'public'::regnamespace`,
    );
    const others = rows
      .filter(({ first }) => first !== 'operator_id')
      .map(({ table }) => table as string)
      .sort();
    // Epochs, keys, the list of migrations, and the sequence of all row numbers belong to no operator.
    assert.deepEqual(others, ['epoch', 'master_key', 'mikro_orm_migrations', 'row_number']);
  });
});

describe('MikroORM', () => {
  let orm: Orm;
  beforeAll(async () => {
    orm = ormOf(await freshDatabase());
  });
  afterAll(() => orm.close());

  test('returns ids as numbers and counts rows', async () => {
    const em = orm.em.fork();
    const operator = em.create(Operator, { name: 'demo' });
    await em.flush();
    const adminId = await nextId(em, 'admin', 'admin_id');
    em.create(Admin, { operatorId: operator.operatorId, adminId, userName: 'root', passwordHash: 'x' });
    await em.flush();
    const found = await orm.em.fork().findOneOrFail(Admin, { userName: 'root' });
    assert.deepEqual([found.operatorId, found.adminId], [operator.operatorId, adminId]);
    assert.equal(typeof found.adminId, 'number');
    assert.equal(await orm.em.fork().count(Admin), 1);
  });

  test('keeps the rules of the tables by name', async () => {
    const statement = 'insert into asset (operator_id, asset_no, code, kind) values (1, ?, ?, ?)';
    const insert = (code: string, no: number, kind: string): Promise<unknown> =>
      orm.em.fork().execute(statement, [no, code, kind]);
    await insert('WINZ', 0, 'coin');
    await assert.rejects(insert('WINZ', 1, 'coin'), { constraint: 'asset_code' });
    await assert.rejects(insert('GEMS', 512, 'coin'), { constraint: 'asset_number' });
    await assert.rejects(insert('GEMS', 2, 'gold'), { constraint: 'asset_kind' });
  });
});
