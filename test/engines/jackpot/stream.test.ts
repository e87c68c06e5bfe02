import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { credentials, Metadata, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import {
  JackpotServiceClient, type ContributionResult, type StreamContributionsRequest, type StreamContributionsResponse,
} from '../../../gen/windfall/jackpot/v1/jackpot.ts';
import { applyFile } from '../../../src/tools/apply.ts';
import { freshDatabase } from '../../support/database.ts';
import { startServer, type ServerProcess } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';

const DEMO = new URL('../../../src/tools/demo.yaml', import.meta.url).pathname;
let url: string;
let server: ServerProcess;
let client: JackpotServiceClient;
before(async () => {
  url = await freshDatabase();
  server = await startServer(url, { DRAIN_MS: '100' });
  await applyFile({ file: DEMO, address: server.address, userName: 'demo', password: 'demo' });
  client = new JackpotServiceClient(server.address, credentials.createInsecure());
});
after(async () => {
  client.close();
  await server.end();
});

type Stream = ClientDuplexStream<StreamContributionsRequest, StreamContributionsResponse>;

function openStream(): Stream {
  const metadata = new Metadata();
  metadata.set('authorization', 'Bearer wf_test_demo');
  return client.streamContributions(metadata);
}

const item = (key: string, more = {}) => ({
  id: 'daily-drop', userId: `u-${key.length}`, brandId: 0, sourceWagerId: '', amount: 0.01, idempotencyKey: key, ...more,
});
const chunk = (name: string, size: number): StreamContributionsRequest =>
  ({ items: Array.from({ length: size }, (_, i) => item(`${name}-${i}`)) });

/** Reads a stream to its end: the messages, and the error that it ended with. */
function readAll(stream: Stream): Promise<{ messages: StreamContributionsResponse[]; error: ServiceError | null }> {
  const messages: StreamContributionsResponse[] = [];
  return new Promise((resolve) => {
    stream.on('data', (message: StreamContributionsResponse) => messages.push(message));
    stream.on('error', (error: ServiceError) => resolve({ messages, error }));
    stream.on('end', () => setImmediate(() => resolve({ messages, error: null })));
  });
}

const idsOf = async (keys: readonly string[]): Promise<ContributionResult[]> => {
  const stream = openStream();
  const read = readAll(stream);
  for (const key of keys) stream.write({ items: [item(key)] });
  stream.end();
  return (await read).messages.flatMap(({ results }) => results);
};

for (const size of [1, 7, 1000]) {
  test(`messages of ${size} are answered in their order, item by item`, async () => {
    const stream = openStream();
    const read = readAll(stream);
    const count = size === 1000 ? 5 : 60;
    for (let n = 0; n < count; n++) stream.write(chunk(`order-${size}-${n}`, size));
    stream.end();
    const { messages, error } = await read;
    assert.equal(error, null);
    assert.deepEqual(messages.map(({ results }) => results.length), Array.from({ length: count }, () => size));
    const pools = messages.flatMap(({ results }) => results).map(({ contributed }) => contributed!.pool);
    assert.ok(pools.every((pool, i) => i === 0 || pool > pools[i - 1]!), 'the pool does not grow from answer to answer');
    // The same keys again tell the same operations, in the same order.
    const [again] = await idsOf([`order-${size}-3-0`]);
    assert.equal(again!.contributed!.contributionId, messages[3]!.results[0]!.contributed!.contributionId);
    assert.equal(again!.contributed!.deduped, true);
  });
}

test('an error is its item\'s alone', async () => {
  const stream = openStream();
  const read = readAll(stream);
  stream.write({ items: [item('a1'), item('a2', { id: 'no-such-jackpot' }), item('a3', { amount: 0.1234567 }), item('a4')] });
  stream.end();
  const [message] = (await read).messages;
  assert.deepEqual(message!.results.map(({ failure }) => failure?.code), [undefined, 'JACKPOT_NOT_FOUND', 'INVALID_ARGUMENT', undefined]);
});

for (const [what, broken] of Object.entries({ 'with an empty list': { items: [] }, 'of 1,001 items': chunk('many', 1001), 'with a bad field': { items: [item('b', { userId: '' })] } })) {
  test(`a message ${what} ends the stream, and all before it are answered first`, async () => {
    const stream = openStream();
    const read = readAll(stream);
    for (let n = 0; n < 20; n++) stream.write(chunk(`broken-${what}-${n}`, 10));
    stream.write(broken);
    const { messages, error } = await read;
    assert.equal(messages.length, 20);
    assert.equal(error?.code, 3);
  });
}

const residentMb = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))![1]) / 1024;
const contributions = async (): Promise<number> =>
  Number((await runSql(url, "select contributions from jackpot where code = 'daily-drop'"))[0].contributions);

// Seventy to seven hundred messages were seen to lie about in the client's own windows before it was held back.
const ENDLESS = 3000;

test('a client that stops reading is held back, and not kept in memory', async (t) => {
  // Grown once, so that what is measured is not the server's warming up.
  const warm = openStream();
  const warmed = readAll(warm);
  for (let n = 0; n < 100; n++) warm.write(chunk(`warm-${n}`, 500));
  warm.end();
  await warmed;
  const [before, done] = [residentMb(), await contributions()];
  const stream = openStream();
  stream.pause();
  let writable = true;
  stream.on('drain', () => { writable = true; });
  let sent = 0;
  let most = before;
  // Until the server takes nothing more for a second.
  for (let idle = 0; idle < 20 && sent < ENDLESS;) {
    if (writable) {
      writable = stream.write(chunk(`slow-${sent++}`, 500));
      idle = 0;
    } else {
      await sleep(50);
      idle += 1;
    }
    most = Math.max(most, residentMb());
  }
  const taken = await contributions() - done;
  t.diagnostic(`${sent} messages of 500 were sent, ${taken} contributions made; ${before.toFixed(0)} MB before, ${most.toFixed(0)} MB at most`);
  assert.ok(sent < ENDLESS, 'the client was never held back');
  assert.ok(most - before < 200, `the server grew by ${(most - before).toFixed(0)} MB`);
  const read = readAll(stream);
  stream.resume();
  stream.end();
  const { messages, error } = await read;
  assert.equal(error, null);
  assert.deepEqual([messages.length, messages.flatMap(({ results }) => results).filter(({ contributed }) => contributed === undefined)], [sent, []]);
  assert.equal(await contributions() - done, sent * 500);
});
