import assert from 'node:assert/strict';
import { credentials, Metadata, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, test } from 'vitest';
import {
  JackpotServiceClient,
  type ContributionResult,
  type StreamContributionsRequest,
  type StreamContributionsResponse,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { answerOf, failureOf } from '../../support/outcomes.ts';
import { demoDatabase, startServer, type ServerProcess } from '../../support/service.ts';

let server: ServerProcess;
let client: JackpotServiceClient;
beforeAll(async () => {
  server = await startServer(await demoDatabase(), { DRAIN_MS: '100' });
  client = new JackpotServiceClient(server.address, credentials.createInsecure());
});
afterAll(async () => {
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
  id: 'daily-drop',
  userId: `u-${key.length}`,
  brandId: '',
  sourceWagerId: '',
  amount: 0.01,
  idempotencyKey: key,
  receipt: false,
  ...more,
});
const chunk = (name: string, size: number): StreamContributionsRequest => ({
  items: Array.from({ length: size }, (_, i) => item(`${name}-${i}`)),
  messageId: name,
});

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
  for (const key of keys) stream.write({ items: [item(key)], messageId: '' });
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
    assert.deepEqual(
      messages.map(({ results }) => results.length),
      Array.from({ length: count }, () => size),
    );
    const pools = messages.flatMap(({ results }) => results).map((result) => Number(answerOf(result)!.pool));
    assert.deepEqual(
      messages.map(({ messageId }) => messageId),
      Array.from({ length: count }, (_, n) => `order-${size}-${n}`),
    );
    assert.ok(
      pools.every((pool, i) => i === 0 || pool > pools[i - 1]!),
      'the pool does not grow from answer to answer',
    );
    // The same keys return the same operations again, in the same order.
    const [again] = await idsOf([`order-${size}-3-0`]);
    assert.equal(answerOf(again!)!.contributionId, answerOf(messages[3]!.results[0]!)!.contributionId);
    assert.equal(answerOf(again!)!.deduped, true);
  });
}

test("an error is its item's alone", async () => {
  const stream = openStream();
  const read = readAll(stream);
  const bad = [item('a3', { amount: 0.1234567 }), item('a4', { userId: '' }), item('a5', { amount: -1 }), item('')];
  stream.write({
    items: [item('a1'), item('a2', { id: 'no-such-jackpot' }), ...bad, item('a6')],
    messageId: '',
  });
  stream.end();
  const [message] = (await read).messages;
  assert.deepEqual(
    message!.results
      .map(failureOf)
      .map((failure) => failure && [failure.code, failure.reason, failure.fields[0]?.field]),
    [
      undefined,
      [5, 'JACKPOT_NOT_FOUND', undefined],
      ...['amount', 'user_id', 'amount', 'idempotency_key'].map((field) => [3, 'INVALID_ARGUMENT', field]),
      undefined,
    ],
  );
});

for (const [what, broken] of Object.entries({
  'with an empty list': { items: [], messageId: '' },
  'of 1,001 items': chunk('many', 1001),
  'of 101 items that ask for their receipts': {
    items: Array.from({ length: 101 }, (_, i) => item(`r${i}`, { receipt: true })),
    messageId: '',
  },
  'with a bad message id': { items: [item('b')], messageId: 'tab\t' },
})) {
  test(`a message ${what} closes the stream, and all before it are answered first`, async () => {
    const stream = openStream();
    const read = readAll(stream);
    for (let n = 0; n < 20; n++) stream.write(chunk(`broken-${what}-${n}`, 10));
    stream.write(broken);
    const { messages, error } = await read;
    assert.equal(messages.length, 20);
    assert.equal(error?.code, 3);
  });
}
