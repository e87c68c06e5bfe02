import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import { BackupError, FORMAT, MANIFEST, TASKS, type BackupPart, type Manifest } from './manifest.ts';

/**
 * Writes a backup to a folder that does not exist yet: all tables at one moment, however much is written meanwhile. An
 * interrupted one leaves a folder that ends with `.partial`. Throws a BackupError.
 */
export async function writeBackup(databaseUrl: string, folder: string): Promise<Manifest> {
  if ((await stat(folder).catch(() => null)) !== null) throw new BackupError(`${folder} exists already`);
  const making = `${folder}.partial`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { mode: 0o700, recursive: true });
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'windfall-backup',
    connectionTimeoutMillis: 5000,
    options: '-c timezone=UTC -c datestyle=ISO',
  });
  await client.connect();
  try {
    const manifest = await copyAll(client, making);
    const file = await open(join(making, MANIFEST), 'wx', 0o600);
    await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await file.sync();
    await file.close();
    await rename(making, folder);
    await synced(dirname(folder));
    return manifest;
  } finally {
    await client.end();
  }
}

async function copyAll(client: pg.Client, folder: string): Promise<Manifest> {
  await client.query('begin isolation level repeatable read read only');
  const [head] = (await client.query<{ taken: string; epoch: string; migration: string }>(HEAD)).rows;
  const tables: Manifest['tables'][number][] = [];
  for (const { name, columns } of (await client.query<{ name: string; columns: string[] }>(TABLES)).rows) {
    const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ');
    const source = `${pg.escapeIdentifier(name)} (${list})`;
    tables.push({ name, columns, ...(await copy(client, source, folder, name)) });
  }
  const tasks = await copy(client, `(${TASKS})`, folder, '_tasks');
  // Sequences belong to no snapshot. They only rise, so what is read last is above all that was copied.
  const sequences = (await client.query<{ name: string; value: string }>(SEQUENCES)).rows;
  await client.query('commit');
  const { taken, epoch, migration } = head!;
  return { backup: FORMAT, taken, epoch: Number(epoch), migration, tables, tasks, sequences };
}

const HEAD =
  `select to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as taken, (select max(number) from epoch) as epoch, ` +
  '(select name from mikro_orm_migrations order by id desc limit 1) as migration';
const TABLES =
  'select c.relname::text as name, array_agg(a.attname::text order by a.attnum) as columns ' +
  'from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped ' +
  "where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'mikro_orm_migrations' " +
  'group by c.relname order by c.relname';
const SEQUENCES =
  'select sequencename::text as name, coalesce(last_value, 0)::text as value from pg_sequences ' +
  "where schemaname = 'public' and sequencename not like 'mikro_orm%' order by 1";

async function copy(client: pg.Client, source: string, folder: string, name: string): Promise<BackupPart> {
  const file = `${name}.copy.gz`;
  const path = join(folder, file);
  const hash = createHash('sha256');
  const hashed = new PassThrough();
  hashed.on('data', (chunk: Buffer) => hash.update(chunk));
  const rows = client.query(to(`copy ${source} to stdout`));
  await pipeline(rows, createGzip({ level: 1 }), hashed, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  await synced(path);
  return { file, rows: rows.rowCount, sha256: hash.digest('hex') };
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
