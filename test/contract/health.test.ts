import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { Proxy } from '../journal/proxy.ts';
import { runCommand } from '../support/command.ts';
import { startOwnCluster, type OwnCluster } from '../support/own-cluster.ts';
import { startEnvoy, startServer, until, type EnvoyProcess, type ServerProcess } from '../support/service.ts';

let cluster: OwnCluster;
let wire: Proxy;
let server: ServerProcess;
let envoy: EnvoyProcess;
beforeAll(async () => {
  cluster = await startOwnCluster();
  wire = new Proxy(cluster.url);
  const url = new URL(cluster.url);
  url.host = `127.0.0.1:${await wire.listen()}`;
  server = await startServer(url.href, { DRAIN_MS: '3000' });
  envoy = await startEnvoy(server.grpcPort);
});
afterAll(async () => {
  await envoy.end();
  await server.end('SIGKILL');
  wire.close();
  await cluster.remove();
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

const FAULTS: Readonly<Record<string, readonly [begin: () => unknown, end: () => unknown]>> = {
  hangs: [
    () => {
      wire.silence();
      wire.hold();
    },
    () => wire.release(),
  ],
  'is away': [() => cluster.halt('fast'), () => cluster.start()],
};

for (const [how, [begin, end]] of Object.entries(FAULTS)) {
  test(`says within a second that the database ${how}, and when it is back`, async () => {
    await begin();
    for (let n = 0; n < 3; n++) {
      const { status, body, ms } = await health();
      assert.deepEqual([status, body.error.code], [503, 'UNAVAILABLE']);
      assert.equal(body.error.message, 'the database does not answer');
      assert.ok(ms < 1000, `${ms} ms`);
    }
    await end();
    await until(async () => (await health()).status === 200);
  });
}

test('says that the server is stopping, while it serves on', async () => {
  server.process.kill('SIGTERM');
  await until(async () => (await health()).body.error?.message === 'the server is stopping');
  assert.equal((await health()).status, 503);
  assert.equal((await fetch(`${envoy.base}/v1/lootbox`)).status, 200);
});
