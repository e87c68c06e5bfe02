import { Migrator } from '@mikro-orm/migrations';
import { MikroORM, type AnyEntity, type EntityManager, type EntitySchema } from '@mikro-orm/postgresql';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { migrations } from './migrations/index.ts';
import { settingsText, SILENCE_SETTINGS, WATCHED_POOL } from './watched-client.ts';

export interface OrmOptions {
  readonly databaseUrl: string;
  /** The maximum number of connections of administration and reads; lanes have their own. */
  readonly databasePool: number;
  /** The time limit of a statement of a server, shorter than that of an answer; unset: none, for commands. */
  readonly statementMs?: number;
}

/** What `defineEntity` returns. */
export type Entity = object;

/** An arbitrary number, which no other program on the database may use for a lock. */
export const MIGRATION_LOCK = 7_263_548_101;

/**
 * MikroORM for administration, reads and migrations. It connects with the first query. An int8 is a number or
 * a bigint, depending on its property. Raw queries return it as text, pg's default: with a BigInt parser for OID 20
 * `em.count` fails, because MikroORM 7.2 adds a plus sign to what `count(*)` returns.
 */
export function createOrm(
  { databaseUrl, databasePool, statementMs }: OrmOptions,
  entities: readonly Entity[],
): MikroORM {
  return new MikroORM({
    clientUrl: databaseUrl,
    entities: [...entities] as EntitySchema<AnyEntity>[],
    extensions: [Migrator],
    pool: { min: 0, max: databasePool },
    driverOptions: {
      application_name: 'windfall',
      connectionTimeoutMillis: 5000,
      ...(statementMs === undefined
        ? { options: '-c timezone=UTC' }
        : {
            ...WATCHED_POOL,
            statement_timeout: statementMs,
            options: settingsText(['timezone=UTC', ...SILENCE_SETTINGS]),
          }),
    },
    forceUtcTimezone: true,
    // The tables of tasks are not entities.
    schemaGenerator: { ignoreSchema: ['graphile_worker'] },
    migrations: {
      migrationsList: migrations,
      path: 'src/db/migrations',
      snapshotName: 'snapshot',
      snapshotOnMigrate: false,
      silent: true,
    },
  });
}

/**
 * Migrates the database, in one transaction. Returns the names of the migrations it ran.
 * @param to the last migration to run; unset: the newest.
 */
export async function migrate(orm: MikroORM, to?: string): Promise<string[]> {
  const connectionString = orm.config.get('clientUrl')!;
  const lock = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 });
  await lock.connect();
  try {
    // Two processes that start at the same time would both create the tables, and one would fail.
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const ran = await orm.migrator.up(to === undefined ? undefined : { to });
    // The tables of tasks are in their own schema: graphile_worker.
    await runMigrations({ connectionString });
    return ran.map(({ name }) => name);
  } finally {
    await lock.end();
  }
}

/**
 * The next number of a generated column, for a row with a composite key: MikroORM 7.2 reads back only a key's
 * first column, so `em.create` must be given the number.
 */
export async function nextId(em: EntityManager, table: string, column: string): Promise<number> {
  const next = 'select nextval(pg_get_serial_sequence(?, ?)) as id';
  const [row] = await em.execute<{ id: string }[]>(next, [table, column]);
  return Number(row!.id);
}
