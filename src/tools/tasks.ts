/**
 * Lists the pending tasks, with the number of attempts and the last error of each:
 *
 *   npm run tasks                all of them, failed ones first, then by time
 *   npm run tasks -- failed      those that have failed
 */
import { join } from 'node:path';
import { ConfigError, readConfig } from '../config.ts';
import { createOrm, DatabaseError, listJobs, postgresUrl } from '../db/index.ts';
import { engines } from '../engines/index.ts';
import { entitiesOf } from '../schema.ts';

/** More tasks are not shown: they would scroll away. */
const SHOWN_MAX = 1000;

async function list(databaseUrl: string, failedOnly: boolean): Promise<void> {
  const orm = createOrm({ databaseUrl, databasePool: 1 }, entitiesOf(engines));
  try {
    const jobs = await listJobs(orm.em.fork(), failedOnly, SHOWN_MAX);
    for (const { key, run_at: at, attempts, last_error: error } of jobs) {
      const tried = attempts === 0 ? '' : `, tried ${attempts} ×: ${error ?? 'under way'}`;
      console.log(`${key}: at ${at}${tried}`);
    }
    if (jobs.length === 0) console.log(failedOnly ? 'No task has failed.' : 'No task is waiting.');
  } finally {
    await orm.close();
  }
}

try {
  const config = readConfig();
  const url = config.migrationUrl ?? config.databaseUrl ?? (await postgresUrl(join(config.dataDir, 'postgres')));
  if (url === null)
    throw new DatabaseError('the embedded database does not run: start the service, or set DATABASE_URL');
  await list(url, process.argv[2] === 'failed');
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof DatabaseError)) throw error;
  console.error(`Cannot list the tasks: ${error.message}`);
  process.exitCode = 1;
}
