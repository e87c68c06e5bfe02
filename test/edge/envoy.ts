import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { renderEnvoy, type EnvoySettings } from '../../src/rpc/index.ts';
import { askEnvoy } from '../../src/tools/envoy-admin.ts';
import { findEnvoy } from '../../src/tools/envoy-binary.ts';
import { EDGE_DESCRIPTORS } from './probe.ts';

/** An Envoy of the tests, on free ports. */
export interface Edge extends AsyncDisposable {
  readonly base: string;
  readonly address: string;
  /** The socket of Envoy's own interface. */
  readonly adminSocket: string;
  /** The value of one of Envoy's counters. */
  stat(name: string): Promise<number>;
  /** Asks Envoy's own interface to do something. */
  admin(path: string): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export const ENVOY = await findEnvoy({ say: () => undefined });

/** Starts Envoy with our envoy.yaml, for the probe; `edit` changes its text. */
export async function startEdge(
  settings: Partial<EnvoySettings> & { grpcPort: number },
  edit: (config: string) => string = (config) => config,
): Promise<Edge> {
  const httpPort = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'windfall-edge-'));
  const adminSocket = join(folder, 'admin.sock');
  const file = join(folder, 'envoy.yaml');
  writeFileSync(
    file,
    edit(
      renderEnvoy({
        httpPort,
        adminSocket,
        descriptors: fileURLToPath(EDGE_DESCRIPTORS),
        services: ['probe.v1.ProbeService'],
        accessLog: false,
        ...settings,
      }),
    ),
  );
  const child = spawn(
    ENVOY!,
    [
      '--config-path',
      file,
      '--disable-hot-restart',
      '--concurrency',
      '1',
      '--log-level',
      'error',
      '--drain-time-s',
      '1',
    ],
    { stdio: 'inherit' },
  );
  const ask = (path: string, method?: string): Promise<string> => askEnvoy(adminSocket, path, method);
  await ready(child, () => ask('/ready'));
  return {
    base: `${settings.tls ? 'https' : 'http'}://127.0.0.1:${httpPort}`,
    adminSocket,
    address: `127.0.0.1:${httpPort}`,
    async stat(name) {
      const text = await ask(`/stats?filter=^${name}$`);
      return Number(text.trim().split(': ')[1] ?? Number.NaN);
    },
    async admin(path) {
      await ask(path, 'POST');
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

async function ready(envoy: ChildProcess, ask: () => Promise<string>): Promise<void> {
  for (let tries = 0; tries < 200 && envoy.exitCode === null; tries++) {
    if ((await ask().catch(() => '')) === 'LIVE\n') return;
    await sleep(50);
  }
  throw new Error('Envoy does not get ready');
}
