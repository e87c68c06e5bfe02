/**
 * Writes a backup of the database to a new folder, while the service may be running, and verifies the database:
 *
 *   npm run backup -- FOLDER
 *
 * It holds everything but the master keys, which must be kept elsewhere: without them no proof can be given. Exit code
 * 1 if it was not written, or if `verify` has found a difference.
 */
import { resolve } from 'node:path';
import { ConfigError, readConfig } from '../config.ts';
import { DatabaseError } from '../db/index.ts';
import { keySource } from '../master-keys.ts';
import { BackupError } from './backup/manifest.ts';
import { writeBackup } from './backup/write.ts';
import { openDatabase } from './database.ts';
import { verify } from './verification.ts';

let done = 'Nothing was backed up';
try {
  const [folder, ...more] = process.argv.slice(2);
  if (folder === undefined || more.length > 0) throw new BackupError('use it as in: npm run backup -- FOLDER');
  await using parts = new AsyncDisposableStack();
  const config = readConfig();
  const databaseUrl = await openDatabase(config, parts);
  const { tables, tasks, taken } = await writeBackup(databaseUrl, resolve(folder));
  done = `${folder} was written, but not verified`;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  console.log(`${folder}: ${rows} rows of ${tables.length} tables and ${tasks.rows} tasks, as of ${taken}`);
  process.exitCode = (await verify(databaseUrl, keySource(config))) ? 0 : 1;
} catch (error) {
  if (![BackupError, ConfigError, DatabaseError].some((kind) => error instanceof kind)) throw error;
  console.error(`${done}: ${(error as Error).message}`);
  process.exitCode = 1;
}
