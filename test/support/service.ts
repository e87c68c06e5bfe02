import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort, isPortFree } from '../../src/db/index.ts';
import { renderEnvoy } from '../../src/rpc/index.ts';
import { applyFile } from '../../src/tools/apply.ts';
import { findEnvoy } from '../../src/tools/envoy-binary.ts';
import { grpcApi, restApi, type Call } from './api.ts';
import { Callers } from './callers.ts';
import { asServer, clusterUrl, copyOf, freshDatabase } from './database.ts';

export const MASTER_KEY = '5eed'.repeat(16);
export const ROOT_PASSWORD = 'the password of root';
const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const DEMO = new URL('../../src/tools/demo.yaml', import.meta.url).pathname;
/** Made by the first test that needs it; the databases of the others are copies of it. */
const DEMO_TEMPLATE = 'windfall_demo';

/** A server process with its own database. */
export interface ServerProcess {
  readonly process: ChildProcess;
  readonly grpcPort: number;
  readonly address: string;
  /** What it has logged so far. */
  log(): string;
  /** Ends it with SIGTERM, or with another signal; resolves to its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts src/main.ts in development on any free port, or on the one given. */
export async function startServer(databaseUrl: string, env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      DATABASE_URL: asServer(databaseUrl),
      WINDFALL_MODE: 'development',
      MASTER_KEY,
      ROOT_PASSWORD,
      GRPC_PORT: '0',
      METRICS_PORT: '0',
      LOG_LEVEL: 'warn',
      DRAIN_MS: '300',
      RATE_LIMIT: '10000000',
      THROTTLE: '1000000',
      ...env,
    },
  });
  let log = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = new Promise<{ grpcPort: number }>((resolve) =>
    child.once('message', (message) => resolve(message as { grpcPort: number })),
  );
  const first = await Promise.race([ready, exited.then(() => null)]);
  if (first === null) throw new Error(`the server did not start: ${log}`);
  return {
    process: child,
    grpcPort: first.grpcPort,
    address: `127.0.0.1:${first.grpcPort}`,
    log: () => log,
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

/**
 * A port for a server that is killed and started again. Below 32,768: the system gives the ports above to outgoing
 * connections, so that while the server is down another process could have it.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_768);
    if (await isPortFree(port)) return port;
  }
}

export interface EnvoyProcess {
  readonly base: string;
  readonly pid: number;
  /** The socket of Envoy's own interface. */
  readonly adminSocket: string;
  end(): Promise<void>;
}

/** Starts the real Envoy in front of a server. */
export async function startEnvoy(grpcPort: number): Promise<EnvoyProcess> {
  const binary = await findEnvoy({ say: () => undefined });
  if (binary === null) throw new Error('there is no Envoy to test with');
  const httpPort = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'windfall-envoy-'));
  const file = join(folder, 'envoy.yaml');
  const adminSocket = join(folder, 'admin.sock');
  writeFileSync(file, renderEnvoy({ httpPort, grpcPort, adminSocket }));
  const child = spawn(
    binary,
    ['--config-path', file, '--disable-hot-restart', '--log-level', 'error', '--concurrency', '1'],
    { stdio: 'ignore' },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const base = `http://127.0.0.1:${httpPort}`;
  await until(async () => (await fetch(`${base}/health`)).ok);
  return {
    base,
    pid: child.pid!,
    adminSocket,
    async end() {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits up to 20 s for an assertion to pass; an error counts as not yet. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) {
    if (await holds().catch(() => false)) return;
  }
  throw new Error('waited in vain');
}

/** The whole service with the demo catalogue: server, Envoy and database. */
export interface Service {
  readonly grpc: Call;
  readonly rest: Call;
  readonly databaseUrl: string;
  readonly server: ServerProcess;
  readonly envoy: EnvoyProcess;
  /** The headers of a caller; see callers.ts. */
  credentials(as: string, userId: string): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

/** The URL of a new database that a server with this master key has served, with the demo catalogue. */
export async function demoDatabase(): Promise<string> {
  const client = new pg.Client({ connectionString: clusterUrl() });
  await client.connect();
  try {
    // Several files may need it first, each in its own process.
    await client.query('select pg_advisory_lock(1)');
    const made = await client.query('select from pg_database where datname = $1', [DEMO_TEMPLATE]);
    if (made.rowCount === 0) {
      const url = new URL(await freshDatabase());
      await applyDemo(url.href);
      await client.query(`alter database ${url.pathname.slice(1)} rename to ${DEMO_TEMPLATE}`);
    }
  } finally {
    await client.end();
  }
  return copyOf(DEMO_TEMPLATE);
}

async function applyDemo(databaseUrl: string): Promise<void> {
  const { address, end } = await startServer(databaseUrl, { DRAIN_MS: '0' });
  try {
    await applyFile({ file: DEMO, address, userName: 'demo', password: 'demo' });
  } finally {
    await end();
  }
}

export async function startService(): Promise<Service> {
  const databaseUrl = await demoDatabase();
  const server = await startServer(databaseUrl);
  const envoy = await startEnvoy(server.grpcPort).catch(async (error: unknown) => {
    await server.end('SIGKILL');
    throw error;
  });
  const { call: grpc, close } = grpcApi(server.address);
  const callers = new Callers(grpc, databaseUrl);
  return {
    grpc,
    databaseUrl,
    server,
    envoy,
    rest: restApi(envoy.base).call,
    credentials: (as, userId) => callers.headers(as, userId),
    async stop() {
      close();
      await envoy.end();
      await server.end();
    },
  };
}
