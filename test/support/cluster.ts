import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf, createOrm, grantServer, migrate, SERVER_ROLE, startPostgres, until } from '../../src/db/index.ts';
import { CLUSTER_VARIABLE, SERVER_VARIABLE, TEMPLATE } from './database.ts';
import { runSql } from './sql.ts';

export const PREFIX = 'windfall-test-';

/**
 * Starts the cluster of a test run in a temporary folder, with the template database. Stock settings but for the
 * connections: two test files may each run two servers. Vitest calls this before the first file, and what it returns
 * after the last one.
 */
export default async function startCluster(): Promise<() => Promise<void>> {
  // Whoever plants faults has one for all their runs.
  if (process.env[CLUSTER_VARIABLE] !== undefined) return async () => undefined;
  await sweep();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const postgres = await startPostgres({ folder, settings: ['max_connections=200'] });
  // On Ctrl-C Vitest waits for nothing, and the cluster has a session of its own: it would outlive the run. Its folder
  // is swept by the next one.
  const abandon = (): void => void process.kill(postgres.pid, 'SIGQUIT');
  process.once('exit', abandon);
  const stop = async (): Promise<void> => {
    process.off('exit', abandon);
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await runSql(postgres.url, `create database ${TEMPLATE}`);
    const [{ engines }, { entitiesOf }] = await Promise.all([
      import('../../src/engines/index.ts'),
      import('../../src/schema.ts'),
    ]);
    const orm = createOrm(
      { databaseUrl: postgres.url.replace(/windfall$/, TEMPLATE), databasePool: 1 },
      entitiesOf(engines),
    );
    await migrate(orm);
    await grantServer(orm, SERVER_ROLE);
    await orm.close();
  } catch (error) {
    await stop();
    throw error;
  }
  process.env[CLUSTER_VARIABLE] = postgres.url;
  process.env[SERVER_VARIABLE] = postgres.serverUrl;
  return stop;
}

/**
 * Ends the clusters of test runs that were killed: their folders carry the number of a process that is gone.
 */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const owner = Number(name.slice(PREFIX.length).split('-', 1)[0]);
    if (commandOf(owner) !== null) continue;
    const folder = join(tmpdir(), name);
    const pid = postmaster(folder);
    if (pid !== null && (commandOf(pid) ?? '').includes(folder)) {
      process.kill(pid, 'SIGQUIT');
      await until(() => commandOf(pid) === null, 10_000);
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function postmaster(folder: string): number | null {
  try {
    return Number(readFileSync(join(folder, 'cluster/postmaster.pid'), 'utf8').split('\n', 1)[0]);
  } catch {
    return null;
  }
}
