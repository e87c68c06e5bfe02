import assert from 'node:assert/strict';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { status as Code } from '@grpc/grpc-js';
import { describe, test, vi } from 'vitest';
import { TokenBuckets } from '../../src/kernel/index.ts';
import { clientAddress, isForwarded, trusting } from '../../src/rpc/address.ts';
import { admission, runSteps } from '../../src/rpc/chain.ts';
import { ANSWER, collect, detailsOf, failing, grpcClient, metadata } from '../edge/grpc.ts';
import { startProbe } from '../edge/probe.ts';

const WATCH = { id: 'x', count: 3, gapMs: 0, failAt: 0, pad: 0, lastEventId: '', beatAt: 0 };

describe('the address of a client', () => {
  const address = (peer: string, forwarded: string, ...networks: string[]): string =>
    clientAddress(peer, metadata(forwarded === '' ? {} : { 'x-forwarded-for': forwarded }), trusting(networks));

  test('is the peer, unless the peer is trusted to speak for others', () => {
    assert.equal(address('203.0.113.7:5000', '198.51.100.1'), '203.0.113.7');
    assert.equal(address('127.0.0.1:5000', ''), '127.0.0.1');
    assert.equal(address('127.0.0.1:5000', 'nonsense'), '127.0.0.1');
    assert.equal(address('10.1.2.3:5000', '198.51.100.1', '10.0.0.0/8'), '198.51.100.1');
    assert.equal(address('10.1.2.3:5000', '198.51.100.1', '10.1.2.4'), '10.1.2.3');
  });

  test('is the last one forwarded, which the client has not written', () => {
    assert.equal(address('127.0.0.1:5000', '192.0.2.66, 198.51.100.1'), '198.51.100.1');
    assert.equal(address('::ffff:127.0.0.1:5000', '192.0.2.66'), '192.0.2.66');
  });

  test('is the one before those of trusted proxies, and never one that the client has written', () => {
    const through = (forwarded: string): string => address('127.0.0.1:5000', forwarded, '10.0.0.0/8');
    assert.equal(through('192.0.2.66, 198.51.100.1, 10.1.2.3, 10.1.2.4'), '198.51.100.1');
    assert.equal(through('192.0.2.66, 127.0.0.1'), '127.0.0.1');
    assert.equal(through('10.1.2.3'), '10.1.2.3');
    const here = (forwarded: string): string => address('127.0.0.1:5000', forwarded, '127.0.0.1');
    assert.equal(here('192.0.2.66, 198.51.100.1, 127.0.0.1'), '198.51.100.1');
    assert.equal(through('192.0.2.66, nonsense, 10.1.2.3'), '127.0.0.1');
  });

  test('is a network of 64 bits in IPv6', () => {
    assert.equal(address('2001:db8:1:2:3:4:5:6:5000', ''), '2001:db8:1:2');
    assert.equal(address('::1:5000', '2001:db8::9'), '2001:db8:0:0');
  });
});

test('a client may be on another machine where a proxy says so', () => {
  const forwarded = (headers: Record<string, string>): boolean => isForwarded(metadata(headers));
  // As Envoy names a client on its own machine.
  const own = Object.values(networkInterfaces()).flatMap((all) => all!.map((one) => one.address));
  for (const here of ['127.0.0.1', '::1', '127.0.0.1, ::1', '::ffff:127.0.0.1', ...own])
    assert.equal(forwarded({ 'x-forwarded-for': here }), false, here);
  assert.equal(forwarded({}), false);
  for (const there of ['203.0.113.7', '203.0.113.7, 127.0.0.1', '127.0.0.1, 10.0.0.1', 'unknown', '2001:db8::1'])
    assert.equal(forwarded({ 'x-forwarded-for': there }), true, there);
  assert.equal(forwarded({ forwarded: 'for=203.0.113.7' }), true);
  assert.equal(forwarded({ 'x-real-ip': '203.0.113.7' }), true);
});

describe('a server with small limits', () => {
  test('turns callers away who come too often, each by its own name', async () => {
    await using probe = await startProbe({ limits: { caller: { perSecond: 0.1, burst: 2 } } });
    using client = grpcClient(probe.address);
    const call = (token: string): Promise<unknown> =>
      client.call('answer', ANSWER, { authorization: `Bearer ${token}` });
    await call('all');
    await call('all');
    const error = await failing(call('all'));
    assert.equal(error.code, Code.RESOURCE_EXHAUSTED);
    const { info, retryMs } = detailsOf(error);
    assert.equal(info.reason, 'RATE_LIMITED');
    assert(retryMs! > 9000 && retryMs! <= 10_000);
    await call('reader');
    await client.call('answer', ANSWER);
  });

  test('throttles RPCs that invite guessing by address, for every caller', async () => {
    await using probe = await startProbe({ limits: { throttled: { perSecond: 0.1, burst: 2 } } });
    using client = grpcClient(probe.address);
    const logIn = (from: string, token: string): Promise<unknown> =>
      client.call('logIn', {}, { 'x-forwarded-for': from, authorization: `Bearer ${token}` });
    await logIn('192.0.2.1', 'all');
    await failing(logIn('192.0.2.1', 'wrong'));
    assert.equal(detailsOf(await failing(logIn('192.0.2.1', 'all'))).info.reason, 'RATE_LIMITED');
    await logIn('192.0.2.2', 'all');
    await client.call('answer', ANSWER, { 'x-forwarded-for': '192.0.2.1' });
  });

  test('refuses credentials that it has to look up, from an address with many wrong ones', async () => {
    await using probe = await startProbe({ limits: { wrong: { perSecond: 0.1, burst: 3 } } });
    using client = grpcClient(probe.address);
    const call = (token: string, from = '192.0.2.1'): Promise<unknown> =>
      client.call('answer', ANSWER, { authorization: `Bearer ${token}`, 'x-forwarded-for': from });
    const refused = async (token: string, from?: string): Promise<string> =>
      detailsOf(await failing(call(token, from))).info.reason;
    for (let i = 0; i < 3; i++) assert.equal(await refused(`wrong-${i}`), 'UNAUTHENTICATED');
    assert.equal(await refused('wrong-3'), 'RATE_LIMITED');
    await call('all');
    await call('later-all');
    await client.call('answer', ANSWER, { 'x-forwarded-for': '192.0.2.1' });
    assert.equal(await refused('wrong-4', '192.0.2.2'), 'UNAUTHENTICATED');
  });

  test('tells the log of some refused strangers only, and how many it did not tell of', async (t) => {
    // A whole number: sums of fractions would end the burst one early.
    let now = Math.round(performance.now());
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    t.onTestFinished(() => clock.mockRestore());
    await using probe = await startProbe({ limits: { wrong: { perSecond: 1, burst: 1_000 } } });
    using client = grpcClient(probe.address);
    const wrong = { authorization: 'Bearer wrong' };
    const told = (): Record<string, any>[] => probe.lines.filter(({ reason }) => reason === 'UNAUTHENTICATED');
    for (let i = 0; i < 150; i++) await failing(client.call('answer', ANSWER, wrong));
    assert.equal(told().length, 100);
    now += 100;
    await failing(client.call('answer', ANSWER, wrong));
    assert.deepEqual([told().length, told().at(-1)!['untold']], [101, 50]);
    now += 100;
    await failing(client.call('answer', ANSWER, wrong));
    assert.equal(told().at(-1)!['untold'], undefined);
    await failing(
      client.call('answer', { ...ANSWER, act: 'refuse', reason: 'OVERLOADED' }, { authorization: 'Bearer all' }),
    );
    assert.equal(probe.lines.at(-1)!['reason'], 'OVERLOADED', 'a known caller is always told of');
  });

  test('limits RPCs that are only expensive by caller, and by address without a credential', async () => {
    const callers = new TokenBuckets({ perSecond: 1, burst: 100 });
    const [strangers, throttled, addresses] = [2, 3, 1].map((burst) => new TokenBuckets({ perSecond: 0.001, burst }));
    const limits = {
      callers,
      addresses: addresses!,
      strangers: strangers!,
      throttled: throttled!,
      wrong: new TokenBuckets({ perSecond: 1, burst: 1 }),
      players: callers,
    };
    const call = async (name: string, from: string, throttle = true, scope: string | null = 'read'): Promise<void> => {
      const caller = { role: name === '' ? 'anonymous' : 'service', operator: 1, name, scopes: new Set(['read']) };
      const roles = new Set(['anonymous', 'service']);
      const access = { throttled: throttle, scope, roles, anyOperator: false };
      const one = {
        method: { access, desc: { methodKind: 'unary' } },
        metadata: metadata({}),
        address: from,
        account: name === '' ? from : name,
        caller,
      };
      await runSteps(
        admission(() => caller as never, limits),
        one as never,
      );
    };
    const limited = { reason: 'RATE_LIMITED' };
    for (let i = 0; i < 3; i++) await call('one', '192.0.2.1');
    await assert.rejects(call('one', '192.0.2.2'), limited);
    await call('other', '192.0.2.1');
    await call('', '192.0.2.1');
    await call('', '192.0.2.1');
    await assert.rejects(call('', '192.0.2.1'), limited);
    await call('', '192.0.2.2');
    await call('one', '192.0.2.1', false);
    // A log-in from an address that has used its limit up is possible.
    await call('', '192.0.2.1', true, null);
    await assert.rejects(call('', '192.0.2.1', true, null), limited);
  });

  test('lets exports wait where a call would be refused, each caller for itself', async () => {
    await using probe = await startProbe({ limits: { throttledCaller: { perSecond: 10, burst: 3 } } });
    using client = grpcClient(probe.address);
    const started = performance.now();
    const dump = (token: string, count: number): Promise<unknown[]> =>
      collect(client.raw.export({ ...WATCH, count }, metadata({ authorization: `Bearer ${token}` })));
    const mine = dump('all', 7);
    await sleep(50);
    assert.equal((await dump('reader', 2)).length, 2);
    assert.ok(performance.now() - started < 250, 'another caller has to wait, too');
    assert.equal((await mine).length, 7);
    // The call itself and seven turns, of which three are free.
    assert.ok(performance.now() - started > 400, `7 turns took ${performance.now() - started} ms`);
  });

  test('turns exports away of which a caller has too many at once, whoever it is', async () => {
    await using probe = await startProbe({ limits: { exportsEach: 2 } });
    using client = grpcClient(probe.address);
    const open = async (token: string): Promise<() => void> => {
      const headers = metadata({ authorization: `Bearer ${token}` });
      const stream = client.raw.export({ ...WATCH, count: 1000, gapMs: 5 }, headers).on('error', () => undefined);
      await Promise.race([
        once(stream, 'data'),
        once(stream, 'error').then(([error]) => Promise.reject(error as Error)),
      ]);
      return () => stream.cancel();
    };
    const [leave] = [await open('all'), await open('all')];
    assert.equal(detailsOf(await failing(open('all'))).info.reason, 'OVERLOADED');
    await open('reader');
    const lines = probe.lines.length;
    leave();
    for (let tries = 0; probe.lines.length === lines && tries < 200; tries++) await sleep(5);
    await open('all');
  });

  test('turns calls away that are too many at once', async () => {
    await using probe = await startProbe({ limits: { inFlight: 2 } });
    using client = grpcClient(probe.address);
    const slow = [1, 2].map(() => client.call('answer', { ...ANSWER, waitMs: 100 }));
    const error = await failing(client.call('answer', ANSWER));
    assert.equal(error.code, Code.RESOURCE_EXHAUSTED);
    assert.equal(detailsOf(error).info.reason, 'OVERLOADED');
    assert(detailsOf(error).retryMs! > 0);
    await Promise.all(slow);
    await client.call('answer', ANSWER);
  });

  test('turns streams away that are too many at once, apart from calls, and of each player or address', async () => {
    await using probe = await startProbe({ limits: { inFlight: 1, streams: 4, streamsEach: 2 } });
    using client = grpcClient(probe.address);
    const open = async (headers: Record<string, string>): Promise<() => Promise<void>> => {
      const stream = client.raw
        .watch({ ...WATCH, count: 1000, gapMs: 5 }, metadata(headers))
        .on('error', () => undefined);
      await Promise.race([
        once(stream, 'data'),
        once(stream, 'error').then(([error]) => Promise.reject(error as Error)),
      ]);
      return async () => {
        const lines = probe.lines.length;
        stream.cancel();
        for (let tries = 0; probe.lines.length === lines && tries < 200; tries++) await sleep(5);
      };
    };
    const refused = async (headers: Record<string, string>): Promise<void> =>
      assert.equal(detailsOf(await failing(open(headers))).info.reason, 'OVERLOADED');
    const [ann, address] = [{ authorization: 'Bearer ann' }, { 'x-forwarded-for': '192.0.2.1' }];
    const [leave] = [await open(ann), await open(ann)];
    await refused(ann);
    await open(address);
    await open(address);
    await refused({ authorization: 'Bearer all' });
    await client.call('answer', ANSWER);
    await leave();
    await refused(address);
    await open({ authorization: 'Bearer all' });
  });
});
