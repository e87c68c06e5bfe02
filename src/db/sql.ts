import pg from 'pg';
import { patiently } from './patiently.ts';

/** Runs one reading statement. Rows come as arrays of texts, null where SQL has null. */
export type Sql = (text: string, params?: readonly unknown[]) => Promise<readonly (readonly string[])[]>;

/** No read that a caller waits for may take longer. */
const STATEMENT_MS = 10_000;
const asText = { getTypeParser: () => (value: string) => value };

/**
 * A pool for reads that name their columns by position: nothing between the statement and its texts. A read waits while the
 * database is started again; it refuses UNAVAILABLE where that takes too long.
 */
export function createSql(databaseUrl: string, connections: number): { sql: Sql; close(): Promise<void> } {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'windfall-read',
    max: connections,
    connectionTimeoutMillis: 5000,
    statement_timeout: STATEMENT_MS,
    types: asText as never,
  });
  // An idle connection that the server closes is replaced by the next query; that is no reason to end the process.
  pool.on('error', () => undefined);
  return {
    sql: (text, params = []) => patiently(async () => {
      const { rows } = await pool.query({ text, values: params as unknown[], rowMode: 'array' });
      return rows as string[][];
    }, STATEMENT_MS + 2000),
    close: () => pool.end(),
  };
}
