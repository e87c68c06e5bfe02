import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { commandOf, freePort, until } from '../../src/db/index.ts';
import { authority } from '../rpc/authority.ts';
import { ROOT } from '../support/command.ts';

const START_MS = 60_000;
const ANY_PORT = { HTTP_PORT: '0', GRPC_PORT: '0', METRICS_PORT: '0' };

interface Started {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  lines(): string[];
}

describe('npm start', () => {
  let folder: string;
  let taken: Server;
  const running: ChildProcess[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'windfall-start-'));
    // Open to the user whom the database runs as where the tests run as root.
    chmodSync(folder, 0o755);
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    taken.close();
    const alive = running.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    for (const child of alive) {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    rmSync(folder, { recursive: true, force: true });
    rmSync(`${folder}.mark`, { force: true });
  });

  function start(env: Record<string, string> = {}): Started {
    const child = spawn(process.execPath, ['src/tools/start.ts'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...ANY_PORT, DATA_DIR: folder, DRAIN_MS: '0', ...env },
    });
    running.push(child);
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    return { process: child, exited, lines: () => output.trim().split('\n') };
  }

  async function ready(started: Started): Promise<string> {
    const { process: child, lines } = started;
    await until(() => lines().at(-1)!.startsWith('Windfall is ready') || child.exitCode !== null, START_MS);
    assert.match(lines().at(-1)!, /^Windfall is ready: REST on http/, lines().join('\n'));
    return /REST on (https?:[^,]+),/.exec(lines().at(-1)!)![1]!;
  }

  const children = (): number[] =>
    (JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8')) as { children: { pid: number }[] }).children.map(
      ({ pid }) => pid,
    );

  async function refused(env: Record<string, string>): Promise<string> {
    const { exited, lines } = start(env);
    assert.equal(await exited, 1);
    const complaints = lines().filter((line) => line.startsWith('Windfall cannot run: '));
    assert.equal(complaints.length, 1, lines().join('\n'));
    return lines().at(-1)!;
  }

  for (const variable of ['HTTP_PORT', 'GRPC_PORT', 'METRICS_PORT']) {
    test(`says in one line that ${variable} is in use`, async () => {
      const { port } = taken.address() as AddressInfo;
      assert.match(
        await refused({ [variable]: String(port) }),
        new RegExp(`^Windfall cannot run: ${variable} ${port} is in use on 127.0.0.1: `),
      );
    });
  }

  test('says in one line which setting is wrong', async () => {
    assert.match(await refused({ LANES: 'many' }), /LANES is "many"/);
  });

  test('says in one line that the database does not answer', async () => {
    const port = await freePort();
    const env = { DATABASE_URL: `postgresql://me:secret@127.0.0.1:${port}/x`, WINDFALL_MODE: 'development' };
    const line = await refused(env);
    assert.match(line, new RegExp(`the database at 127.0.0.1:${port} does not answer`));
    assert.doesNotMatch(line, /secret/);
  });

  test('serves, keeps its data over a restart, and leaves nothing behind', async () => {
    const first = start();
    const base = await ready(first);
    const open = await fetch(`${base}/v1/lootbox/welcome-box/open`, {
      method: 'POST',
      headers: { authorization: 'Bearer wf_test_demo', 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: 'StarlordV7' }),
    });
    assert.equal(open.status, 201);
    const balances = await balancesAt(base);
    assert.match(await refused({}), new RegExp(`already runs from .*, as process ${first.process.pid}$`));
    const parts = children();
    first.process.kill('SIGINT');
    assert.equal(await first.exited, 0);
    assert.deepEqual(
      parts.map(commandOf),
      parts.map(() => null),
    );

    const second = start();
    assert.equal(await balancesAt(await ready(second)), balances);
    const log = readFileSync(join(folder, 'server.log'), 'utf8');
    assert(log.match(/"msg":"serving"/g)!.length >= 2, 'the log of the first is gone');
    second.process.kill('SIGTERM');
    assert.equal(await second.exited, 0);
  });

  test('serves over TLS, for clients with a certificate, and is applied to over it', async () => {
    using certificates = authority();
    const { ca, server, client } = certificates;
    const { cert, key } = server.files;
    const started = start({ TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: ca.file });
    const base = await ready(started);
    const lootboxes = (own?: typeof client): Promise<number> =>
      new Promise((resolve, reject) => {
        const tls = { ca: ca.cert, cert: own?.cert, key: own?.key, agent: false };
        get(`${base}/v1/lootbox`, tls, (answer) => resolve(answer.resume().statusCode!)).on('error', reject);
      });
    assert.equal(await lootboxes(client), 200);
    await assert.rejects(lootboxes(), /certificate required/);
    const applied = (env: Record<string, string>): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, ['src/tools/apply.ts', 'src/tools/demo.yaml'], {
        cwd: ROOT,
        env: { ...process.env, GRPC_ADDRESS: / gRPC on ([^,]+),/.exec(started.lines().at(-1)!)![1]!, ...env },
      });
    const own = { GRPC_TLS: 'yes', GRPC_CA: ca.file, GRPC_CERT: client.files.cert, GRPC_KEY: client.files.key };
    assert.equal((await applied(own)).stdout, 'Nothing to change.\n');
    await assert.rejects(applied({ ...own, GRPC_CERT: '' }), /Cannot apply/);
    started.process.kill('SIGTERM');
    assert.equal(await started.exited, 0);
  });

  test('stops everything when a part dies, and starts again after it was killed', async () => {
    const first = start();
    await ready(first);
    process.kill(children()[0]!, 'SIGKILL');
    assert.equal(await first.exited, 1);
    assert.match(first.lines().at(-1)!, /^Windfall cannot run: the server was ended by SIGKILL/);

    const second = start();
    await ready(second);
    const parts = children();
    second.process.kill('SIGKILL');
    await second.exited;
    const third = start();
    await ready(third);
    assert.deepEqual(
      parts.map(commandOf),
      parts.map(() => null),
    );
    third.process.kill('SIGTERM');
    assert.equal(await third.exited, 0);
  });
});

async function balancesAt(base: string): Promise<string> {
  const headers = { authorization: 'Bearer wf_test_demo' };
  return (await fetch(`${base}/v1/players/StarlordV7/balances`, { headers })).text();
}
