import assert from 'node:assert/strict';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, test } from 'vitest';
import { runCommand } from '../support/command.ts';
import { freshDatabase } from '../support/database.ts';
import { startEnvoy, startServer, until, type EnvoyProcess, type ServerProcess } from '../support/service.ts';

/** A line to the database that can hang, and can be cut. */
interface Line {
  readonly url: string;
  hang(): void;
  cut(): void;
  mend(): void;
  close(): void;
}

async function startLine(databaseUrl: string): Promise<Line> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let state: 'up' | 'hangs' | 'cut' = 'up';
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    if (state === 'cut') {
      socket.destroy();
      return;
    }
    const database = connect(Number(port), hostname).on('error', () => socket.destroy());
    socket.on('data', (chunk) => (state === 'hangs' ? undefined : database.write(chunk)));
    socket.on('close', () => database.destroy());
    database.on('data', (chunk) => (state === 'hangs' ? undefined : socket.write(chunk)));
    database.on('close', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  url.hostname = '127.0.0.1';
  const cutAll = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    url: url.href,
    hang: () => void (state = 'hangs'),
    cut() {
      state = 'cut';
      cutAll();
    },
    mend: () => void (state = 'up'),
    close() {
      server.close();
      cutAll();
    },
  };
}

let line: Line;
let server: ServerProcess;
let envoy: EnvoyProcess;
beforeAll(async () => {
  line = await startLine(await freshDatabase());
  server = await startServer(line.url);
  envoy = await startEnvoy(server.grpcPort);
});
afterAll(async () => {
  await envoy.end();
  await server.end('SIGKILL');
  line.close();
});

async function health(): Promise<{ status: number; body: any; ms: number }> {
  const started = performance.now();
  const answer = await fetch(`${envoy.base}/health`);
  const body = await answer.json();
  return { status: answer.status, body, ms: performance.now() - started };
}

test('tells the version, and checksums that anybody can work out', async () => {
  const { status, body } = await health();
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['version', 'checksums']);
  const commands: Readonly<Record<string, string>> = {
    contract: 'sha256sum gen/api.binpb',
    dependencies: 'sha256sum package-lock.json',
    program: 'find src -type f | LC_ALL=C sort | xargs sha256sum | sha256sum',
  };
  const found = await Promise.all(
    Object.entries(commands).map(async ([name, command]) => ({
      name,
      checksum: (await runCommand('sh', ['-c', command])).output.split(' ')[0],
    })),
  );
  assert.deepEqual(body.checksums, found);
  assert.equal(body.version, JSON.parse((await runCommand('cat', ['package.json'])).output).version);
});

for (const [how, fault] of [
  ['hangs', () => line.hang()],
  ['is away', () => line.cut()],
] as const) {
  test(`says within a second that the database ${how}, and when it is back`, async () => {
    fault();
    for (let n = 0; n < 3; n++) {
      const { status, body, ms } = await health();
      assert.deepEqual([status, body.error.code], [503, 'UNAVAILABLE']);
      assert.equal(body.error.message, 'the database does not answer');
      assert.ok(ms < 1000, `${ms} ms`);
    }
    line.mend();
    await until(async () => (await health()).status === 200);
  });
}

test('says that the server is stopping, while it serves on', async () => {
  server.process.kill('SIGTERM');
  await until(async () => (await health()).body.error?.message === 'the server is stopping');
  assert.equal((await health()).status, 503);
  assert.equal((await fetch(`${envoy.base}/v1/lootbox`)).status, 200);
});
