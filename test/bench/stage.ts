import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrm, migrate, startPostgres } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { applyFile } from '../../src/tools/apply.ts';
import { startEnvoy, startServer, type EnvoyProcess, type ServerProcess } from '../support/service.ts';
import { runSql } from '../support/sql.ts';
import { followed } from './followed.ts';

const DEMO = new URL('../../src/tools/demo.yaml', import.meta.url).pathname;

/** There is no edge that needs time to notice that the server stops. */
const NO_DRAIN = { DRAIN_MS: '100' };

/** A service with its own database. */
export interface Bench {
  readonly databaseUrl: string;
  readonly server: ServerProcess;
}

/** What a suite runs on: a PostgreSQL with stock settings, fsync on, and the processes that were started. */
export class Stage {
  readonly postmaster: number;
  /** The first database; the others are copies of it. */
  readonly url: string;
  readonly #ends: (() => Promise<unknown>)[];
  #stopping: Promise<void> | undefined;

  private constructor(url: string, postmaster: number, ends: (() => Promise<unknown>)[]) {
    this.url = url;
    this.postmaster = postmaster;
    this.#ends = ends;
    // The cluster runs in a separate session and would survive a Ctrl-C.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void this.stop().finally(() => process.exit(1)));
    }
  }

  /**
   * Starts PostgreSQL in a temporary folder, with a database that is migrated and filled by `fill`, through a
   * server.
   */
  static async start(fill: (server: ServerProcess) => Promise<void>): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'windfall-bench-'));
    const postgres = await startPostgres({ folder });
    const stage = new Stage(postgres.url, postgres.pid, [
      async () => rmSync(folder, { recursive: true, force: true }),
      () => postgres.stop(),
    ]);
    try {
      const orm = createOrm({ databaseUrl: stage.url, databasePool: 1 }, entitiesOf(engines));
      await migrate(orm);
      await orm.close();
      const server = await startServer(stage.url, NO_DRAIN);
      try {
        await applyFile({ file: DEMO, address: server.address, userName: 'demo', password: 'demo' });
        await fill(server);
        await followed(stage.url);
      } finally {
        await server.end();
      }
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  /**
   * A copy of the first database, which nobody may be connected to; as autovacuum would have left it in a
   * minute.
   */
  async copy(name: string): Promise<string> {
    const anywhere = this.url.replace(/windfall$/, 'postgres');
    await runSql(anywhere, `create database ${name} template windfall strategy file_copy`);
    const url = this.url.replace(/windfall$/, name);
    await runSql(url, 'vacuum analyze');
    return url;
  }

  async serve(databaseUrl: string): Promise<Bench> {
    const server = await startServer(databaseUrl, NO_DRAIN);
    this.#ends.push(() => server.end());
    return { databaseUrl, server };
  }

  async envoy({ server }: Bench): Promise<EnvoyProcess> {
    const envoy = await startEnvoy(server.grpcPort);
    this.#ends.push(() => envoy.end());
    return envoy;
  }

  /** A server that answers calls of an RPC with so many bytes. */
  async echo(path: string, answerBytes: number): Promise<{ readonly pid: number; readonly address: string }> {
    const child = fork(new URL('echo.ts', import.meta.url), [path, String(answerBytes)]);
    this.#ends.push(async () => child.kill());
    const port = await new Promise((resolve) => child.once('message', resolve));
    return { pid: child.pid!, address: `127.0.0.1:${String(port)}` };
  }

  /** The settings of PostgreSQL that the figures depend on. */
  async settings(): Promise<string> {
    const names = ['fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size'];
    const values = await Promise.all(
      ['server_version', ...names].map(async (name) =>
        String((await runSql(this.url, `select current_setting('${name}') as value`))[0].value),
      ),
    );
    const told = names.map((name, i) => `${name} ${values[i + 1]!}`).join(', ');
    return `PostgreSQL ${values[0]!}, stock settings: ${told}`;
  }

  /** Stops everything, in reverse order; once, however often it is called. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }
}
