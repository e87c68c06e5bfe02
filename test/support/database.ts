import { randomBytes } from 'node:crypto';
import { runSql } from './sql.ts';

/** Migrated once; the databases of the tests are copies of it. */
export const TEMPLATE = 'windfall_template';

/** Where a test file finds the URL of the cluster. */
export const CLUSTER_VARIABLE = 'WINDFALL_TEST_CLUSTER';
/** And its URL for the role of servers. */
export const SERVER_VARIABLE = 'WINDFALL_TEST_SERVER';

/** The URL of a new database with all tables and no rows. */
export async function freshDatabase(): Promise<string> {
  return copyOf(TEMPLATE);
}

/** The URL of a new database without any table. */
export async function emptyDatabase(): Promise<string> {
  return copyOf('template0');
}

/** The URL of a new database, a copy of another one that nobody is connected to. */
export async function copyOf(template: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  // A copy of files would write out first what all other tests have left.
  await runSql(clusterUrl(), `create database ${name} template ${template} strategy wal_log`);
  return clusterUrl().replace(/windfall$/, name);
}

/** The URL of the run's cluster: of a database that no test uses. */
export function clusterUrl(): string {
  const url = process.env[CLUSTER_VARIABLE];
  if (url === undefined) throw new Error('there is no cluster: tests are run by npx vitest');
  return url;
}

/** A database of the run's cluster for the role of servers; that of another cluster as it is. */
export function asServer(databaseUrl: string): string {
  const [url, server] = [new URL(databaseUrl), process.env[SERVER_VARIABLE]];
  if (server === undefined || url.port !== new URL(server).port) return databaseUrl;
  ({ username: url.username, password: url.password } = new URL(server));
  return url.href;
}
