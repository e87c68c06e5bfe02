import { randomBytes } from 'node:crypto';
import { CLUSTER_VARIABLE, TEMPLATE } from './cluster.ts';
import { runSql } from './sql.ts';

/** The URL of a new database with all tables and no rows. */
export async function freshDatabase(): Promise<string> {
  return copyOf(TEMPLATE);
}

/** The URL of a new database without any table. */
export async function emptyDatabase(): Promise<string> {
  return copyOf('template0');
}

async function copyOf(template: string): Promise<string> {
  const url = process.env[CLUSTER_VARIABLE];
  if (url === undefined) throw new Error('there is no cluster: tests are run by npx vitest');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runSql(url, `create database ${name} template ${template} strategy file_copy`);
  return url.replace(/windfall$/, name);
}
