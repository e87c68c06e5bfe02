import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkEnvoy, findEnvoy } from '../../src/tools/envoy-binary.ts';
import { ROOT } from '../support/command.ts';
import { startServer } from '../support/service.ts';
import { judge, tally, type Attack, type Finding } from './attack.ts';
import { startProduction } from './production.ts';
import { send } from './raw.ts';
import type { Scene } from './scene.ts';

/** Starts a server that must not start. */
async function starting(scene: Scene, env: NodeJS.ProcessEnv): Promise<Finding> {
  try {
    const server = await startServer(scene.databaseUrl, env);
    await server.end('SIGKILL');
    return judge('', { 'the server started': true });
  } catch (error) {
    const told = /"msg":"([^"]*)/.exec(String(error))?.[1] ?? String(error);
    return judge(`does not start: ${told}`, {});
  }
}

const otherKey: Attack = {
  name: 'another MASTER_KEY on the same database',
  before: 'started, and broke commitments (issue)',
  run: (scene) => starting(scene, { MASTER_KEY: 'ab'.repeat(32) }),
};

const plainText: Attack = {
  name: 'a listener beyond this machine without TLS',
  before: 'started (issue)',
  run: (scene) => starting(scene, { HOST: '0.0.0.0' }),
};

const production: Attack = {
  name: 'the demo and its wf_test_ key in production',
  before: 'were taken (issue)',
  async run() {
    await using server = await startProduction();
    const outcomes = [
      await server.call('AuthService.LoginAdmin', { username: 'demo', password: 'demo' }),
      await server.call('AuthService.GetMe', {}, { authorization: 'Bearer wf_test_demo' }),
    ].map(({ reason, status }) => reason ?? String(status));
    return judge(tally(outcomes), { 'one was taken': outcomes.some((outcome) => outcome !== 'UNAUTHENTICATED') });
  },
};

const FORWARDED: readonly Record<string, string>[] = [
  { 'x-forwarded-for': '203.0.113.7' },
  { 'x-forwarded-for': '203.0.113.7, 127.0.0.1' },
  { forwarded: 'for=203.0.113.7' },
  { 'x-real-ip': '203.0.113.7' },
];

const forwarded: Attack = {
  name: 'the demo’s key and its admin’s token, through a proxy on this machine',
  before: 'were taken (issue)',
  async run(scene) {
    const statuses: number[] = [];
    for (const headers of FORWARDED) {
      const key = { ...headers, authorization: 'Bearer wf_test_demo' };
      statuses.push((await send(scene.envoy.base, { path: '/v1/me', headers: key })).status);
      const { authorization } = await scene.as('admin');
      statuses.push((await send(scene.envoy.base, { path: '/v1/me', headers: { ...headers, authorization } })).status);
    }
    return judge(statuses.join(', '), { 'one was taken': statuses.some((status) => status !== 401) });
  },
};

const NOBODY = 65_534;
const CONNECT =
  "require('net').connect(process.argv[1]).on('connect',()=>process.exit(9)).on('error',(e)=>{process.stdout.write(e.code,()=>process.exit(3))})";

const adminSocket: Attack = {
  name: 'another user of this machine opens Envoy’s own interface',
  before: 'a TCP port for everyone (issue)',
  async run({ envoy }) {
    const mode = (statSync(envoy.adminSocket).mode & 0o777).toString(8);
    // The socket's own permissions count, not those of the folder that it happens to be in.
    chmodSync(dirname(envoy.adminSocket), 0o755);
    const isRoot = process.getuid!() === 0;
    const tried = isRoot
      ? spawnSync(process.execPath, ['-e', CONNECT, envoy.adminSocket], { uid: NOBODY, encoding: 'utf8' })
      : null;
    const outcome = tried === null ? 'not tried as another user' : tried.stdout.trim() || `exit ${tried.status}`;
    return judge(`mode ${mode}, ${outcome}`, {
      [`its mode is ${mode}`]: mode !== '600',
      'it was opened': tried?.status === 9,
    });
  },
};

/** The same file with one byte changed. */
function tampered(file: string, copy: string): void {
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(file, copy);
  chmodSync(copy, 0o755);
  writeSync(openSync(copy, 'r+'), Buffer.from([0x90]), 0, 1, 100_000);
}

const binaries: Attack = {
  name: 'a byte of Node and of Envoy is changed',
  before: 'ran (issue)',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'windfall-attacks-'));
    try {
      const node = join('node_modules', 'node', 'bin', 'node');
      tampered(join(ROOT, node), join(folder, node));
      const checked = spawnSync('sh', [join(ROOT, 'src/tools/check-node.sh')], { cwd: folder, encoding: 'utf8' });
      const envoy = (await findEnvoy({ say: () => undefined }))!;
      const copy = join(folder, envoy.slice(join(ROOT, '.cache').length));
      const pinned = envoy.startsWith(join(ROOT, '.cache'));
      if (pinned) tampered(envoy, copy);
      const told = pinned
        ? await checkEnvoy(copy, {}, folder).then(
            () => 'taken',
            () => 'refused',
          )
        : 'not the pinned one';
      return judge(`Node: exit ${checked.status}; Envoy: ${told}`, {
        'Node ran': checked.status === 0,
        'Envoy ran': told === 'taken',
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

export const START: readonly Attack[] = [otherKey, plainText, production, forwarded, adminSocket, binaries];
