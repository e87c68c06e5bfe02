import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { startCluster, TEMPLATE, type Cluster } from './cluster.ts';
import { runSql } from './sql.ts';

/** Where test/run.ts tells a test file of the suite's cluster. */
export const CLUSTER_VARIABLE = 'WINDFALL_TEST_CLUSTER';

let own: Promise<Cluster> | undefined;

/** The suite's cluster, or one of its own for a file that runs alone. */
async function clusterUrl(): Promise<string> {
  const shared = process.env[CLUSTER_VARIABLE];
  if (shared !== undefined) return shared;
  own ??= startCluster();
  return (await own).url;
}

/** A database of its own with all tables and no rows: its URL. */
export async function freshDatabase(): Promise<string> {
  return copyOf(TEMPLATE);
}

/** A database of its own without any table. */
export async function emptyDatabase(): Promise<string> {
  return copyOf('template0');
}

async function copyOf(template: string): Promise<string> {
  const url = await clusterUrl();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runSql(url, `create database ${name} template ${template} strategy file_copy`);
  return url.replace(/windfall$/, name);
}

after(async () => (await own)?.stop());
