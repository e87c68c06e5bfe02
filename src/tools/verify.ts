/**
 * Folds the whole journal again and compares every state row, statement line and key with the result:
 *
 *   npm run verify
 *
 * Reads one snapshot per operator, so the service may be running. Exit code 1 if anything differs.
 */
import pg from 'pg';
import { ConfigError, readConfig } from '../config.ts';
import { DatabaseError } from '../db/index.ts';
import { engines } from '../engines/index.ts';
import { verifyOperator } from '../journal/index.ts';
import { registerOf } from '../schema.ts';
import { openDatabase } from './database.ts';

async function verify(databaseUrl: string): Promise<boolean> {
  const register = registerOf(engines);
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ operator_id: string; name: string }>(
      'select operator_id, name from operator order by 1',
    );
    let clean = true;
    for (const { operator_id, name } of rows) {
      const {
        facts,
        rows: stateRows,
        lines,
        differences,
      } = await verifyOperator(client, register, Number(operator_id));
      for (const difference of differences) console.log(`  ${difference}`);
      clean &&= differences.length === 0;
      console.log(
        `${name}: ${facts} facts, ${stateRows} state rows, ${lines} statement lines: ${
          differences.length === 0 ? 'clean' : `${differences.length} differences`
        }`,
      );
    }
    return clean;
  } finally {
    await client.end();
  }
}

try {
  await using parts = new AsyncDisposableStack();
  const clean = await verify(await openDatabase(readConfig(), parts));
  process.exitCode = clean ? 0 : 1;
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof DatabaseError)) throw error;
  console.error(`Cannot verify: ${error.message}`);
  process.exitCode = 1;
}
