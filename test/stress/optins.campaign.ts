/**
 * Sends a file of 1,000,000 lines of new players through Envoy, and again: times, and the memory of server and Envoy.
 * Then one while which the server is killed, again and again until all of it is applied, and one that falls silent.
 * QUICK=1: a hundredth of it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { engines } from '../../src/engines/index.ts';
import { verifyOperator } from '../../src/journal/index.ts';
import { registerOf } from '../../src/schema.ts';
import { makeInstance } from '../engines/pots/instance.ts';
import { grpcApi, restApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { lastingPort, startEnvoy, startServer } from '../support/service.ts';

const LINES = process.env['QUICK'] === '1' ? 10_000 : 1_000_000;
/** One line of so many is broken. */
const BROKEN_EACH = 50;
const BROKEN = LINES / BROKEN_EACH;
const GOOD = LINES - BROKEN;
const PART = 500;
const SAMPLE_MS = 100;
/** What is applied at once. */
const CHUNK = 1000;
const KILLS = 2;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const whole = (n: number): string => n.toLocaleString('en');

/** The resident memory of a process in MiB. */
const residentOf = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);

const cluster = await startOwnCluster();
const port = await lastingPort();
const start = (): ReturnType<typeof startServer> => startServer(cluster.url, { GRPC_PORT: String(port) });
let server = await start();
const envoy = await startEnvoy(server.grpcPort);
const api = grpcApi(server.address);
const callers = new Callers(api.call, cluster.url);
const credentials = (as: string, userId: string): Promise<Record<string, string>> => callers.headers(as, userId);
const served = { credentials, rest: restApi(envoy.base).call };
const [id, other] = [await makeInstance(served), await makeInstance(served)];
const headers = { ...(await credentials('service', '')), 'content-type': 'text/csv' };
const database = new Client({ connectionString: cluster.url });
await database.connect();
const count = async (table: string): Promise<number> =>
  Number((await database.query<{ n: string }>(`select count(*) as n from ${table}`)).rows[0]!.n);

/** A call whose body is still to be written, and its answer. */
function open(): { sending: ClientRequest; answer: Promise<{ status: number; body: any }> } {
  const sending = httpRequest(`${envoy.base}/instances/optin/bulk`, { method: 'POST', headers });
  const answer = new Promise<{ status: number; body: any }>((resolve, reject) => {
    sending.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }));
    });
  });
  answer.catch(() => undefined);
  return { sending, answer };
}

const line = (to: string, n: number): string =>
  `${to},demo:main,many-${n},${n % BROKEN_EACH === 0 ? 'perhaps' : 'true'}\n`;

/** Sends the file for an instance, no faster than it is read. */
async function send(to: string): Promise<{ status: number; body: any }> {
  const { sending, answer } = open();
  for (let from = 0; from < LINES && !sending.destroyed; from += PART) {
    const part = Array.from({ length: PART }, (_, i) => line(to, from + i)).join('');
    if (!sending.write(part)) await Promise.race([once(sending, 'drain'), answer]);
  }
  sending.end();
  return answer;
}

async function measured(what: string, to: string): Promise<void> {
  const pids = [server.process.pid!, envoy.pid];
  const before = pids.map(residentOf);
  const most = [...before];
  const sampling = setInterval(() => {
    for (const [i, pid] of pids.entries()) most[i] = Math.max(most[i]!, residentOf(pid));
  }, SAMPLE_MS);
  const began = performance.now();
  const { status, body } = await send(to);
  const seconds = (performance.now() - began) / 1000;
  clearInterval(sampling);
  assert.equal(status, 200, JSON.stringify(body).slice(0, 500));
  assert.deepEqual([body.applied, body.error_count], [GOOD, BROKEN]);
  assert.equal(Object.keys(body.errors).length, Math.min(BROKEN, 10_000));
  assert.equal(body.errors[`line ${BROKEN_EACH + 1}`], 'opt_in must be true, false, 1 or 0');
  print(
    `${what}: ${whole(LINES)} lines, ${whole(BROKEN)} of them broken, in ${seconds.toFixed(1)} s ` +
      `(${whole(Math.round(LINES / seconds))}/s); server ${before[0]} MiB before, at most ${most[0]}; ` +
      `Envoy ${before[1]} MiB before, at most ${most[1]}`,
  );
}

async function campaign(): Promise<void> {
  const players = await count('player');
  await measured('new players', id);
  assert.equal((await count('player')) - players, GOOD);
  assert.equal(await count('jackpot_opt_in where opted_in = 1'), GOOD);
  let facts = await count('journal');
  await measured('the same again', id);
  assert.equal(await count('journal'), facts, 'a file that changes nothing leaves facts');

  for (let killed = 1; killed <= KILLS; killed++) {
    const wanted = GOOD + Math.ceil((GOOD * killed) / (KILLS + 1));
    const cut = send(other).then(
      ({ status }) => `status ${status}`,
      (error: NodeJS.ErrnoException) => error.code,
    );
    while ((await count('jackpot_opt_in')) < wanted) await sleep(50);
    await server.end('SIGKILL');
    const applied = (await count('jackpot_opt_in where opted_in = 1')) - GOOD;
    print(`killed after ${whole(applied)} lines: ${await cut}`);
    assert.ok(applied < GOOD && applied % CHUNK === 0, `${applied} lines are applied`);
    server = await start();
  }
  await measured('the file that was cut', other);
  assert.equal(await count('jackpot_opt_in where opted_in = 1'), 2 * GOOD);
  assert.equal((await count('player')) - players, GOOD);
  facts = await count('journal');
  await measured('the same again', other);
  assert.equal(await count('journal'), facts, 'a file that changes nothing leaves facts');
  const { differences } = await verifyOperator(database, registerOf(engines), 1);
  assert.deepEqual(differences, []);
  print(`verify: ${whole(facts)} facts, no differences`);

  const { sending, answer } = open();
  sending.write(line(id, 1));
  const began = performance.now();
  const { status, body } = await answer;
  assert.deepEqual([status, body.code], [504, 'DEADLINE_EXCEEDED']);
  print(`silent: ${status} after ${((performance.now() - began) / 1000).toFixed(0)} s, "${body.message}"`);
  sending.destroy();
}

try {
  await campaign();
} finally {
  await database.end();
  api.close();
  await envoy.end();
  await server.end('SIGKILL');
  await cluster.remove();
}
