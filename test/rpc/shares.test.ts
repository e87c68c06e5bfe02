import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { status as Code } from '@grpc/grpc-js';
import { describe, test } from 'vitest';
import { ANSWER, detailsOf, failing, grpcClient, metadata } from '../edge/grpc.ts';
import { startProbe } from '../edge/probe.ts';
import { LIMITS } from '../../src/rpc/limits.ts';
import { keepShares } from '../../src/rpc/shares.ts';

const WATCH = { id: 'x', count: 1000, gapMs: 5, failAt: 0, pad: 0, lastEventId: '', beatAt: 0 };

describe('a server', () => {
  test('keeps places for others than one caller, one operator and strangers', async () => {
    const limits = { inFlight: 20, inFlightEach: 2, inFlightOperator: 3, streams: 20, streamsOperator: 3 };
    await using probe = await startProbe({ limits });
    using client = grpcClient(probe.address);
    const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
    const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
    const held: Promise<unknown>[] = [];
    const hold = async (headers: Record<string, string>): Promise<void> => {
      held.push(client.call('answer', { ...ANSWER, waitMs: 1000 }, headers));
      // Calls of a connection are opened in their order: once a later one is refused or answered, it is open.
      await client.call('answer', ANSWER, { authorization: 'Bearer wrong' }).catch(() => undefined);
    };
    const refused = async (headers: Record<string, string>, why: RegExp): Promise<void> => {
      const error = await failing(client.call('answer', ANSWER, headers));
      assert.equal(detailsOf(error).info.reason, 'OVERLOADED');
      assert.match(error.details, why);
    };
    await hold(as('all'));
    await hold(as('all'));
    await refused(as('all'), /of one caller/);
    await hold(as('reader'));
    await refused(as('reader'), /of one operator/);
    // Another operator, and strangers who name the first one.
    await hold(as('other'));
    await hold(from('192.0.2.1'));
    await hold(from('192.0.2.1'));
    await refused(from('192.0.2.1'), /of one caller/);
    await hold(from('192.0.2.2'));
    await refused(from('192.0.2.3'), /of one operator/);
    await client.call('answer', ANSWER, as('other'));
    await Promise.all(held);
    for (const headers of [as('all'), as('reader'), from('192.0.2.1')]) await client.call('answer', ANSWER, headers);
    const watch = async (headers: Record<string, string>): Promise<unknown> => {
      const stream = client.raw.watch(WATCH, metadata(headers));
      return Promise.race([
        once(
          stream.on('error', () => undefined),
          'data',
        ),
        once(stream, 'error').then(([error]) => Promise.reject(error as Error)),
      ]);
    };
    for (let i = 0; i < 3; i++) await watch(as('all'));
    assert.match((await failing(watch(as('reader')))).details, /streams of one operator/);
    await watch(as('other'));
  });

  test('keeps no place for who is refused', () => {
    const step = keepShares({ ...LIMITS, inFlightEach: 2, inFlightOperator: 1 });
    const call = (account: string): { end(): void; run(): unknown } => {
      const ends: (() => void)[] = [];
      const caller = { role: 'service', operator: 1, name: account };
      const one = { caller, account, isStream: false, onEnd: (end: () => void) => ends.push(end) };
      return { end: () => ends.forEach((end) => end()), run: () => step(one as never) };
    };
    const first = call('one');
    first.run();
    const full = { reason: 'OVERLOADED', message: /of one operator/ };
    for (let i = 0; i < 3; i++) assert.throws(() => call('other').run(), full);
    first.end();
    const other = call('other');
    other.run();
    assert.throws(() => call('one').run(), full);
    other.end();
    call('one').run();
  });

  test('counts players of one name in two brands, or of two operators, apart', async () => {
    await using probe = await startProbe({ limits: { player: { perSecond: 0.1, burst: 1 } } });
    using client = grpcClient(probe.address);
    const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
    for (const token of ['ann', 'ann2', 'ann3']) await client.call('answer', ANSWER, as(token));
    for (const token of ['ann', 'ann2', 'ann3'])
      assert.equal(detailsOf(await failing(client.call('answer', ANSWER, as(token)))).info.reason, 'RATE_LIMITED');
  });

  test('ends a stream of requests on which nothing is sent', async () => {
    await using probe = await startProbe({ limits: { idleMs: 1000 } });
    using client = grpcClient(probe.address);
    const chat = client.raw.chat();
    const answers = chat[Symbol.asyncIterator]();
    for (const text of ['one', 'two', 'three', 'four']) {
      await sleep(300);
      chat.write({ text });
      await answers.next();
    }
    const silentSince = performance.now();
    const error = await failing(answers.next());
    assert.deepEqual([error.code, detailsOf(error).info.reason], [Code.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED']);
    assert.ok(performance.now() - silentSince > 100);
  });
});
