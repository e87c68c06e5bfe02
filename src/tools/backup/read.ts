import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { from } from 'pg-copy-streams';
import { migrate } from '../../db/index.ts';
import { beginEpochIn, EPOCH_LOCK, type Epoch } from '../../journal/index.ts';
import { BackupError, readManifest, type Manifest } from './manifest.ts';

/**
 * Restores a backup into an empty database, and begins a new epoch in the same transaction. Throws a BackupError if the
 * database is not empty or the backup is damaged; then nothing is written.
 * @param known the highest number of an epoch that is known from elsewhere.
 */
export async function restoreBackup(databaseUrl: string, orm: MikroORM, folder: string, known: number): Promise<Epoch> {
  const manifest = await readManifest(folder);
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'windfall-restore',
    connectionTimeoutMillis: 5000,
    options: '-c timezone=UTC -c datestyle=ISO',
  });
  await client.connect();
  try {
    // No server takes part in an epoch before all is there.
    const { rows: locked } = await client.query('select pg_try_advisory_lock($1::int8) as free', [EPOCH_LOCK]);
    if (locked[0].free !== true) throw new BackupError('a server is connected to the database: stop all of them first');
    const { rows: found } = await client.query<{ name: string }>(FOUND);
    if (found.length > 0) throw new BackupError(`the database is not empty: it has the table ${found[0]!.name}`);
    await migrate(orm, manifest.migration).catch((error: Error) => {
      throw new BackupError(`the backup is of another version: ${manifest.migration} is unknown (${error.message})`);
    });
    await client.query('begin');
    const epoch = await fill(client, folder, manifest, known);
    await client.query('commit');
    await client.query('analyze');
    await migrate(orm);
    return epoch;
  } finally {
    await client.end();
  }
}

const FOUND =
  'select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace ' +
  "where c.relkind in ('r', 'p', 'v', 'm') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' limit 1";

async function fill(client: pg.Client, folder: string, manifest: Manifest, known: number): Promise<Epoch> {
  for (const { name, columns, file, rows } of manifest.tables) {
    const [table, list] = [pg.escapeIdentifier(name), columns.map((one) => pg.escapeIdentifier(one)).join(', ')];
    // Migrations have written some rows.
    await client.query(`delete from ${table}`);
    await copy(client, `${table} (${list})`, join(folder, file), rows);
  }
  for (const { name, value } of manifest.sequences) {
    if (value !== '0') await client.query('select setval($1::regclass, $2::int8)', [pg.escapeIdentifier(name), value]);
  }
  await client.query(
    'create temporary table restored_task (identifier text, payload json, run_at timestamptz, max_attempts int, ' +
      'key text, priority int, n bigserial) on commit drop',
  );
  const columns = 'restored_task (identifier, payload, run_at, max_attempts, key, priority)';
  await copy(client, columns, join(folder, manifest.tasks.file), manifest.tasks.rows);
  await client.query(
    'select graphile_worker.add_job(t.identifier, t.payload, null, t.run_at, t.max_attempts, t.key, t.priority) ' +
      'from (select * from restored_task order by n) t',
  );
  return beginEpochIn(client, known);
}

async function copy(client: pg.Client, target: string, path: string, rows: number): Promise<void> {
  const sink = client.query(from(`copy ${target} from stdin`));
  await pipeline(createReadStream(path), createGunzip(), sink);
  if (sink.rowCount !== rows) throw new BackupError(`${path} has ${sink.rowCount} rows instead of ${rows}`);
}
