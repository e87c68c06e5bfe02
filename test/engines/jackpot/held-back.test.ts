import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test, type TestContext } from 'vitest';
import type { StreamContributionsResponse } from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { answerOf } from '../../support/outcomes.ts';
import { demoDatabase, startServer, type ServerProcess } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { Http2Stream } from './http2-stream.ts';

const SIZE = 500;
/**
 * 2,000 items ahead, the 16 answers that the gRPC library keeps for a slow reader, and those in the windows of HTTP/2.
 */
const MOST_DONE = 12_500;
const GROWTH_MB = 50;
let url: string;
let server: ServerProcess;
beforeAll(async () => {
  url = await demoDatabase();
  server = await startServer(url);
  // Grown once, so that what is measured is not the server's warming up.
  const warm = new Http2Stream(server.address);
  for (let n = 0; n < 60; n++) warm.write(items(`warm-${n}`));
  assert.equal((await warm.readAll()).length, 60);
});
afterAll(() => server.end());

const items = (name: string) =>
  Array.from({ length: SIZE }, (_, i) => ({
    id: 'daily-drop',
    userId: `u-${i % 10}`,
    brandId: '',
    sourceWagerId: '',
    amount: 0.01,
    idempotencyKey: `${name}-${i}`,
    receipt: false,
  }));
const residentMb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))![1]) / 1024;
const CONTRIBUTIONS =
  'select j.contributions from jackpot j join definition d on d.operator_id = j.operator_id ' +
  "and d.id = j.definition_id where d.code = 'jackpot/daily-drop'";
const contributions = async (): Promise<number> => Number((await runSql(url, CONTRIBUTIONS))[0].contributions);

/** A stream that does not outlive its test: an open one would keep a failed file from ending. */
function openFor(t: TestContext): Http2Stream {
  const stream = new Http2Stream(server.address);
  t.onTestFinished(() => {
    stream.stream.destroy();
  });
  return stream;
}

/**
 * Waits until the server has done nothing more for a second. Returns how many contributions it has done, and its
 * memory.
 */
async function atRest(): Promise<{ done: number; most: number }> {
  let [done, most] = [await contributions(), residentMb()];
  for (let still = 0; still < 10; still++) {
    await sleep(100);
    const now = await contributions();
    if (now !== done) still = 0;
    [done, most] = [now, Math.max(most, residentMb())];
  }
  return { done, most };
}

function assertAllOnce(messages: readonly StreamContributionsResponse[], sent: number): void {
  assert.equal(messages.length, sent);
  const answers = messages.flatMap(({ results }) => results.map(answerOf));
  assert.ok(messages.every(({ results }) => results.length === SIZE));
  assert.deepEqual(
    answers.filter((contributed) => contributed === undefined || contributed.deduped),
    [],
  );
  assert.equal(new Set(answers.map((contributed) => contributed!.contributionId)).size, sent * SIZE);
  const pools = answers.map((contributed) => Number(contributed!.pool));
  assert.ok(
    pools.every((pool, i) => i === 0 || pool > pools[i - 1]!),
    'out of order',
  );
}

async function holdBack(t: TestContext, send: (stream: Http2Stream) => Promise<number>): Promise<void> {
  const [done, resident] = [await contributions(), residentMb()];
  const stream = openFor(t);
  const sent = await send(stream);
  const rest = await atRest();
  const made = rest.done - done;
  await t.annotate(`${sent} messages of ${SIZE} were sent, ${made} contributions made`);
  await t.annotate(`${resident.toFixed(0)} MB before, ${rest.most.toFixed(0)} MB at most`);
  assert.ok(2 * sent * SIZE > 3 * MOST_DONE, 'too little was sent to tell');
  assert.ok(made > 0 && made <= MOST_DONE, `${made} contributions were made for a client that reads nothing`);
  assert.ok(rest.most - resident < GROWTH_MB, `the server grew by ${(rest.most - resident).toFixed(0)} MB`);
  assertAllOnce(await stream.readAll(), sent);
  assert.equal((await contributions()) - done, sent * SIZE);
}

test('a client that reads nothing and writes without end is held back, and then answered in full', async (t) => {
  await holdBack(t, async (stream) => {
    // Whether or not there is room: the rest lies about in this process.
    for (let n = 0; n < 40; n++) stream.write(items(`endless-${n}`));
    return 40;
  });
});

test('a client that reads nothing is stopped by backpressure of its own transport', async (t) => {
  const stream = openFor(t);
  let room = true;
  stream.stream.on('drain', () => {
    room = true;
  });
  let sent = 0;
  for (let idle = 0; idle < 20 && sent < 1000;) {
    if (room) {
      room = stream.write(items(`polite-${sent++}`));
      idle = 0;
    } else {
      await sleep(50);
      idle += 1;
    }
  }
  await t.annotate(`${sent} messages found room`);
  assert.ok(sent < 100, 'it was never told');
  assertAllOnce(await stream.readAll(), sent);
});

test('clients that leave with their answers unread leave no work behind, and others are served', async (t) => {
  const done = await contributions();
  const streams = [1, 2].map((n) => {
    const stream = new Http2Stream(server.address);
    stream.stream.on('error', () => undefined);
    for (let m = 0; m < 40; m++) stream.write(items(`leaving-${n}-${m}`));
    return stream;
  });
  const held = (await atRest()).done;
  for (const { stream } of streams) stream.destroy();
  const rest = (await atRest()).done;
  await t.annotate(`${held - done} contributions were made before they left, ${rest - held} after`);
  assert.ok(held > done && rest - done <= 2 * MOST_DONE);
  const next = new Http2Stream(server.address);
  next.write(items('next'));
  assertAllOnce(await next.readAll(), 1);
});
