import assert from 'node:assert/strict';
import { credentials, Metadata, status as Code, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, test } from 'vitest';
import { LootboxServiceClient, type SimulateLootboxResponse } from '../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { until } from '../../src/db/index.ts';
import { startService, type Service } from '../support/service.ts';

const LONG = { id: 'welcome-box', version: 0, definition: undefined, plays: 10_000_000, runs: 1, seed: '' };

let service: Service;
let client: LootboxServiceClient;
let metadata: Metadata;
beforeAll(async () => {
  service = await startService();
  client = new LootboxServiceClient(service.server.address, credentials.createInsecure());
  metadata = new Metadata();
  for (const [name, value] of Object.entries(await service.credentials('admin', ''))) metadata.set(name, value);
});
afterAll(async () => {
  client.close();
  await service.stop();
});

/** A simulation: its messages so far, and how it has ended. */
function simulate(request: Partial<typeof LONG>) {
  const stream = client.simulateLootbox({ ...LONG, ...request }, metadata);
  const messages: SimulateLootboxResponse[] = [];
  stream.on('data', (message: SimulateLootboxResponse) => messages.push(message));
  const ended = new Promise<number>((resolve) => {
    stream.on('error', ({ code }: ServiceError) => resolve(code));
    stream.on('end', () => resolve(Code.OK));
  });
  return { messages, ended, cancel: () => stream.cancel() };
}
const begun = async ({ messages }: ReturnType<typeof simulate>): Promise<void> =>
  assert.ok(await until(() => messages.length > 0, 20_000), 'no progress is told');

test('a long simulation tells how far it is, and its result last', async (t) => {
  const { messages, ended } = simulate({ plays: 1_000_000 });
  const start = performance.now();
  assert.equal(await ended, Code.OK);
  await t.annotate(
    `${Math.round(1_000_000 / ((performance.now() - start) / 1000))} plays/s, with the start of a thread`,
  );
  const done = messages.slice(0, -1).map(({ event }) => (event?.$case === 'progress' ? event.value.done : -1));
  assert.ok(done.length > 0);
  assert.deepEqual(
    done,
    done.toSorted((a, b) => a - b),
  );
  assert.ok(done.every((one) => one > 0 && one < 1_000_000));
  assert.equal(messages.at(-1)!.event?.$case, 'result');
});

test('two run at once, a third is refused, and one that is cancelled makes room', async () => {
  const [first, second] = [simulate({}), simulate({})];
  await Promise.all([begun(first), begun(second)]);
  assert.equal(await simulate({}).ended, Code.RESOURCE_EXHAUSTED);
  // Players are served meanwhile.
  const opened = await service.grpc(
    'LootboxService.OpenLootbox',
    { id: 'welcome-box', user_id: 'meanwhile' },
    await service.credentials('service', ''),
  );
  assert.equal(opened.status, 'OK');
  first.cancel();
  assert.equal(await first.ended, Code.CANCELLED);
  const again = async (): Promise<boolean> => (await simulate({ plays: 10 }).ended) === Code.OK;
  assert.ok(await until(again, 20_000), 'the place of the cancelled one stays taken');
  second.cancel();
  await second.ended;
});

test('over REST it is a stream of events', async () => {
  const answer = await fetch(`${service.envoy.base}/v1/lootbox/welcome-box/simulate`, {
    method: 'POST',
    headers: { ...(await service.credentials('admin', '')), 'content-type': 'application/json' },
    body: JSON.stringify({ plays: 600_000 }),
  });
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
  const events = (await answer.text()).trim().split('\n\n');
  const names = events.map((event) => /^event: (.*)$/m.exec(event)?.[1]);
  assert.equal(names.at(-1), 'result');
  assert.ok(names.slice(0, -1).every((name) => name === 'progress'));
  const { result } = JSON.parse(/^data: (.*)$/m.exec(events.at(-1)!)![1]!);
  assert.equal(result.plays, 600_000);
});
