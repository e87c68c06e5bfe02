import { afterAll, beforeAll } from 'vitest';
import { createOrm, createReads, type Reads } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { ApiError } from '../../src/kernel/index.ts';
import { loadContract } from '../../src/rpc/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { bootstrap } from '../../src/tenants/index.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

/** Every scope of the contract. */
export const { scopes: SCOPES } = loadContract(new URL('../../gen/api.binpb', import.meta.url));

/** A new database, and how the service accesses it. */
export interface Database {
  readonly orm: ReturnType<typeof createOrm>;
  /** Reads as the service does; `counts` is how often it did. */
  readonly reads: Reads;
  readonly counts: { reads: number };
  run(text: string, values?: unknown[]): Promise<any[]>;
}

/** Opens a database before the tests of a file or suite, sets it up, and closes it after them. */
export function database(setUp: (db: Database) => Promise<void> = async () => undefined): Database {
  const counts = { reads: 0 };
  let url: string;
  let orm: ReturnType<typeof createOrm>;
  beforeAll(async () => {
    url = await freshDatabase();
    orm = createOrm({ databaseUrl: url, databasePool: 5 }, entitiesOf(engines));
    await setUp(db);
  });
  afterAll(() => orm.close());
  const db: Database = {
    get orm() {
      return orm;
    },
    reads(read, tryMs) {
      counts.reads += 1;
      return createReads(orm)(read, tryMs);
    },
    counts,
    run: (text, values) => runSql(url, text, values),
  };
  return db;
}

/** Creates an operator; the first one has the number 1. */
export async function makeOperator({ orm }: Database, name: string, brandId: number): Promise<void> {
  await bootstrap(orm, {
    operator: name,
    brand: { id: brandId, name: 'main' },
    assets: [
      { code: 'WINZ', kind: 'coin' },
      { code: 'EUR', kind: 'currency' },
    ],
    admin: { userName: `${name}-admin`, password: `${name}-password` },
  });
}

/** What a call is refused with; throws if it is not refused. */
export async function refusalOf(call: () => unknown): Promise<ApiError> {
  try {
    await call();
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
  throw new Error('it was not refused');
}
