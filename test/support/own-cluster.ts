import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrm, migrate, startPostgres } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { PREFIX } from './cluster.ts';

/** A cluster of a test's own, with all tables in its database, for tests that stop and kill it. */
export interface OwnCluster {
  readonly url: string;
  /** Where its files are. */
  readonly folder: string;
  /** Ends it: `fast` undoes what runs and writes everything out, `immediate` is as good as a crash. */
  halt(how: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again, on the same port. */
  start(): Promise<void>;
  /** Ends it for good. */
  remove(): Promise<void>;
}

export async function startOwnCluster(settings: readonly string[] = []): Promise<OwnCluster> {
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  let postgres = await startPostgres({ folder, settings });
  const { url } = postgres;
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  await migrate(orm);
  await orm.close();
  return {
    url,
    folder,
    async halt(how) {
      if (how === 'fast') return postgres.stop();
      process.kill(postgres.pid, 'SIGQUIT');
      await postgres.ended;
    },
    async start() {
      postgres = await startPostgres({ folder, settings });
      if (postgres.url !== url) throw new Error('the cluster came back on another port');
    },
    async remove() {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
