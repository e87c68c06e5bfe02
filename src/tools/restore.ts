/**
 * Restores a backup into an empty database, begins a new epoch, writes its mark, and verifies the result:
 *
 *   npm run restore -- FOLDER
 *
 * The embedded database is empty in a new DATA_DIR. Exit code 1 if nothing was restored, or if `verify` has found a
 * difference.
 */
import { resolve } from 'node:path';
import pg from 'pg';
import { ConfigError, readConfig, requireMarkFile } from '../config.ts';
import { createOrm, DatabaseError } from '../db/index.ts';
import { engines } from '../engines/index.ts';
import { MarkError, readMark, readState, runOn, writeMark } from '../mark/index.ts';
import { keySource } from '../master-keys.ts';
import { entitiesOf } from '../schema.ts';
import { BackupError } from './backup/manifest.ts';
import { restoreBackup } from './backup/read.ts';
import { grantTo, openDatabase } from './database.ts';
import { verify } from './verification.ts';

let done = 'Nothing was restored';

async function run(folder: string, parts: AsyncDisposableStack): Promise<boolean> {
  const config = readConfig();
  const file = requireMarkFile(config);
  // A damaged mark says nothing; the number of the new epoch follows from the time as well.
  const known = file === null ? null : await readMark(file).catch(() => null);
  const databaseUrl = await openDatabase(config, parts);
  const orm = createOrm({ databaseUrl, databasePool: 1 }, entitiesOf(engines));
  parts.defer(() => orm.close());
  const { number } = await restoreBackup(databaseUrl, orm, resolve(folder), known?.epoch ?? 0);
  done = `${folder} was restored and epoch ${number} has begun, but not all that follows`;
  if (config.databaseUrl !== null) await grantTo(orm, config.databaseUrl);
  if (file !== null) await mark(databaseUrl, file);
  console.log(`Restored ${folder}; epoch ${number} has begun.`);
  return verify(databaseUrl, keySource(config));
}

async function mark(connectionString: string, file: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await writeMark(file, await readState(runOn(client), ''));
  await client.end();
}

try {
  const [folder, ...more] = process.argv.slice(2);
  if (folder === undefined || more.length > 0) throw new BackupError('use it as in: npm run restore -- FOLDER');
  await using parts = new AsyncDisposableStack();
  process.exitCode = (await run(folder, parts)) ? 0 : 1;
} catch (error) {
  if (![BackupError, ConfigError, DatabaseError, MarkError].some((kind) => error instanceof kind)) throw error;
  console.error(`${done}: ${(error as Error).message}`);
  process.exitCode = 1;
}
