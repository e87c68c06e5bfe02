import { after, before } from 'node:test';
import { createOrm, createSql, type Sql } from '../../src/db/index.ts';
import { Refusal } from '../../src/kernel/index.ts';
import { bootstrap } from '../../src/tenants/index.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

/** A database of its own, and how the service reaches it. */
export interface Database {
  readonly orm: ReturnType<typeof createOrm>;
  /** As the service reads; `reads` counts the statements. */
  readonly sql: Sql;
  readonly reads: { count: number };
  run(text: string, values?: unknown[]): Promise<any[]>;
}

/** Opens a database before the tests of a file or suite, sets it up, and closes it after them. */
export function database(setUp: (db: Database) => Promise<void> = async () => undefined): Database {
  const reads = { count: 0 };
  let url: string;
  let orm: ReturnType<typeof createOrm>;
  let reader: ReturnType<typeof createSql>;
  before(async () => {
    url = await freshDatabase();
    orm = createOrm({ databaseUrl: url, databasePool: 5 });
    reader = createSql(url, 5);
    // In this hook, not in one of the test's own: those of a file do not wait for each other.
    await setUp(db);
  });
  after(() => Promise.all([orm.close(), reader.close()]));
  const db: Database = {
    get orm() { return orm; },
    sql(text, params) {
      reads.count += 1;
      return reader.sql(text, params);
    },
    reads,
    run: (text, values) => runSql(url, text, values),
  };
  return db;
}

/** Makes an operator; the first one is number 1. */
export async function makeOperator({ orm }: Database, name: string, brandId: number): Promise<void> {
  await bootstrap(orm, {
    operator: name,
    brand: { id: brandId, name: 'main' },
    assets: [{ code: 'WINZ', kind: 'coin' }, { code: 'EUR', kind: 'currency' }],
    admin: { userName: `${name}-admin`, password: `${name}-password` },
  });
}

/** What a call is refused with; throws if it is not refused. */
export async function refusalOf(call: () => unknown): Promise<Refusal> {
  try {
    await call();
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    throw thrown;
  }
  throw new Error('it was not refused');
}
