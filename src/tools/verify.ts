/**
 * Folds the whole journal again, compares every state row, statement line and key with the result, and checks each
 * receipt: its signature, and its leaves against the records of its draws. It needs the master keys of the service:
 *
 *   npm run verify
 *
 * Reads one snapshot per operator, so the service may be running. Exit code 1 if anything differs.
 */
import { ConfigError, readConfig } from '../config.ts';
import { DatabaseError } from '../db/index.ts';
import { keySource } from '../master-keys.ts';
import { openDatabase } from './database.ts';
import { verify } from './verification.ts';

try {
  await using parts = new AsyncDisposableStack();
  const config = readConfig();
  const clean = await verify(await openDatabase(config, parts), keySource(config));
  process.exitCode = clean ? 0 : 1;
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof DatabaseError)) throw error;
  console.error(`Cannot verify: ${error.message}`);
  process.exitCode = 1;
}
