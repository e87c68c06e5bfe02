import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'vitest';
import { ApiError } from '../../src/kernel/index.ts';
import type { Call } from '../../src/rpc/call.ts';
import { takeTurns } from '../../src/rpc/turns.ts';
import { ListThingsRequest, WatchRequest } from '../edge/gen/probe/v1/probe.ts';
import { collect, detailsOf, failing, grpcClient, metadata } from '../edge/grpc.ts';
import { seen, startProbe } from '../edge/probe.ts';
import { until } from '../support/service.ts';

const [ONE, OTHER] = ['192.0.2.1', '192.0.2.2'] as const;

const page = (request: Partial<ListThingsRequest>): ListThingsRequest =>
  ListThingsRequest.fromPartial({ pageSize: 1, ...request });

/** A call as far as the step looks at it. */
class Waiting {
  readonly account: string;
  done = false;
  aborted: ApiError | undefined;
  readonly ends: (() => void)[] = [];

  constructor(account: string) {
    this.account = account;
  }

  onEnd(end: () => void): void {
    this.ends.push(end);
  }
}

/** Lets calls take turns. Returns those that have begun, and what one of them came to. */
function turns(places: number) {
  const step = takeTurns(places);
  const begun: Waiting[] = [];
  const start = async (call: Waiting): Promise<void> => {
    await step(call as unknown as Call);
    begun.push(call);
  };
  return { begun, start, names: () => begun.map(({ account }) => account).join('') };
}

test('those who wait take turns, however many one of them has waiting', async () => {
  const { begun, start, names } = turns(2);
  'aaaaabbc'.split('').forEach((account) => void start(new Waiting(account)));
  await nextTurn();
  assert.equal(names(), 'aa');
  for (let ended = 0; ended < 8; ended++) {
    begun[ended]!.ends.forEach((end) => end());
    await nextTurn();
  }
  assert.equal(names(), 'aaabcaba');
  // All places are free again, and no more than those.
  'ddd'.split('').forEach((account) => void start(new Waiting(account)));
  await nextTurn();
  assert.equal(names(), 'aaabcabadd');
});

test('who has left, or was answered, while they waited gives the turn to the next one', async () => {
  const { begun, start, names } = turns(1);
  const [first, left, answered, last] = 'abcd'.split('').map((account) => new Waiting(account));
  await start(first!);
  const refused = assert.rejects(start(left!), { reason: 'CANCELLED' });
  const ended = assert.rejects(start(answered!));
  void start(last!);
  left!.aborted = new ApiError('CANCELLED', 'the caller has left');
  answered!.done = true;
  begun[0]!.ends.forEach((end) => end());
  await Promise.all([refused, ended]);
  assert.equal(names(), 'ad');
});

test('pages of lists are read a few at a time, and callers take turns', async () => {
  await using probe = await startProbe({ limits: { lists: 1 } });
  using client = grpcClient(probe.address);
  const ask = (address: string): Promise<unknown> =>
    client.call('listThings', page({ waitMs: 100 }), { 'x-forwarded-for': address });
  seen.listed = [];
  const [first, ...rest] = [ONE, ONE, ONE, ONE].map((address) => ask(address));
  await until(async () => seen.listed.length === 1);
  await Promise.all([first, ask(OTHER), ...rest]);
  assert.equal(seen.listed.length, 5);
  assert.ok(seen.listed.indexOf(OTHER) < 4, 'it came after all of another one');
});

test('who has not read what was answered before does not have their turn', async () => {
  await using probe = await startProbe({ limits: { lists: 1, unreadEach: 0 } });
  using client = grpcClient(probe.address);
  seen.listed = [];
  const first = client.call('listThings', page({ waitMs: 30, count: 1, pad: 20_000 }));
  const second = await failing(client.call('listThings', page({})));
  await first;
  assert.equal(detailsOf(second).info.reason, 'OVERLOADED');
  assert.equal(seen.listed.length, 1);
});

test('to open a stream counts as five calls', async () => {
  await using probe = await startProbe({ limits: { caller: { perSecond: 0.001, burst: 10 } } });
  using client = grpcClient(probe.address);
  const headers = { 'x-forwarded-for': ONE };
  const open = (): Promise<unknown> =>
    collect(client.raw.watch(WatchRequest.fromPartial({ count: 1 }), metadata(headers)));
  await open();
  await client.call('getThing', { id: 'a' }, headers);
  await open();
  assert.equal(detailsOf(await failing(open())).info.reason, 'RATE_LIMITED');
  assert.equal(detailsOf(await failing(client.call('getThing', { id: 'a' }, headers))).info.reason, 'RATE_LIMITED');
});
