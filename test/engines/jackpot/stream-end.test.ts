import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { credentials, Metadata, status, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import {
  JackpotServiceClient,
  type StreamContributionsRequest,
  type StreamContributionsResponse,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { failureOf } from '../../support/outcomes.ts';
import { demoDatabase, startServer, type ServerProcess } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';

/** More than a server does in the time. */
const SENT = 3000;
let url: string;
let server: ServerProcess;
let client: JackpotServiceClient;
beforeAll(async () => {
  url = await demoDatabase();
  // It stops to read after as long, and has as long for the rest.
  server = await startServer(url, { DRAIN_MS: '700' });
  client = new JackpotServiceClient(server.address, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await server.end();
});

type Stream = ClientDuplexStream<StreamContributionsRequest, StreamContributionsResponse>;

function openStream(deadline?: number): Stream {
  const metadata = new Metadata();
  metadata.set('authorization', 'Bearer wf_test_demo');
  return client.streamContributions(metadata, deadline === undefined ? {} : { deadline });
}

const message = (name: string): StreamContributionsRequest => ({
  messageId: name,
  items: Array.from({ length: 50 }, (_, i) => ({
    id: 'daily-drop',
    userId: 'u',
    brandId: '',
    sourceWagerId: `${name}-${i}`,
    amount: 0.01,
    idempotencyKey: '',
    receipt: false,
  })),
});

const contributions = async (): Promise<number> =>
  Number((await runSql(url, 'select sum(contributions) as made from jackpot'))[0].made);

interface CycleEnd {
  readonly answers: StreamContributionsResponse[];
  readonly error: ServiceError | null;
}

function ended(stream: Stream): Promise<CycleEnd> {
  const answers: StreamContributionsResponse[] = [];
  return new Promise((resolve) => {
    stream.on('data', (answer: StreamContributionsResponse) => answers.push(answer));
    stream.on('error', (error: ServiceError) => resolve({ answers, error }));
    stream.on('end', () => setImmediate(() => resolve({ answers, error: null })));
  });
}

function assertInOrder(answers: readonly StreamContributionsResponse[], name: string): void {
  assert.deepEqual(
    answers.map(({ messageId }) => messageId),
    answers.map((_, n) => `${name}-${n}`),
  );
  assert.ok(answers.every(({ results }) => results.length === 50));
}

test('a client that half-closes gets the answers that remain, and then OK', async () => {
  const stream = openStream();
  const end = ended(stream);
  for (let n = 0; n < 30; n++) stream.write(message(`half-${n}`));
  stream.end();
  const { answers, error } = await end;
  assert.equal(error, null);
  assert.equal(answers.length, 30);
  assertInOrder(answers, 'half');
  assert.ok(answers.every(({ results }) => results.every((one) => failureOf(one) === undefined)));
});

test('a deadline closes a stream at any point', async () => {
  const stream = openStream(Date.now() + 500);
  const end = ended(stream);
  stream.write(message('late-0'));
  const { answers, error } = await end;
  assert.equal(error?.code, status.DEADLINE_EXCEEDED);
  assertInOrder(answers, 'late');
});

test('a server that stops answers what it has read, and nothing else is done; idle streams end too', async (t) => {
  const stream = openStream();
  const [end, idle] = [ended(stream), ended(openStream())];
  const before = await contributions();
  for (let n = 0; n < SENT; n++) stream.write(message(`stop-${n}`));
  await new Promise((resolve) => stream.once('data', resolve));
  const stopped = server.end();
  const { answers, error } = await end;
  assert.equal((await idle).error?.code, status.UNAVAILABLE);
  await stopped;
  await t.annotate(`${answers.length} of ${SENT} messages were answered`);
  assert.equal(error?.code, status.UNAVAILABLE, String(error));
  assert.ok(answers.length > 0 && answers.length < SENT);
  assertInOrder(answers, 'stop');
  const results = answers.flatMap((answer) => answer.results);
  const failures = results.map(failureOf).filter((failure) => failure !== undefined);
  assert.ok(failures.every(({ reason }) => reason === 'UNAVAILABLE'));
  assert.equal((await contributions()) - before, results.length - failures.length);
});
