import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { status as Code } from '@grpc/grpc-js';
import { afterAll, describe, test } from 'vitest';
import type { ApiError } from '../../src/kernel/index.ts';
import { WatchRequest } from '../edge/gen/probe/v1/probe.ts';
import { ANSWER, collect, detailsOf, failing, grpcClient } from '../edge/grpc.ts';
import { seen, startProbe } from '../edge/probe.ts';

const probe = await startProbe();
const client = grpcClient(probe.address);
afterAll(async () => {
  client[Symbol.dispose]();
  await probe[Symbol.asyncDispose]();
});
const lastLine = (): Record<string, any> => probe.lines.at(-1)!;

describe('a caller that leaves', () => {
  const abortedSoon = async (): Promise<ApiError> => {
    for (let tries = 0; seen.aborted.length === 0 && tries < 100; tries++) await sleep(5);
    return seen.aborted.pop() as ApiError;
  };

  test('aborts the signal at its deadline', async () => {
    seen.aborted.length = 0;
    const error = await failing(client.call('answer', { ...ANSWER, act: 'wait', waitMs: 5000 }, {}, 500));
    assert.equal(error.code, Code.DEADLINE_EXCEEDED);
    assert.equal((await abortedSoon()).reason, 'DEADLINE_EXCEEDED');
  });

  test('aborts the signal when it cancels', async () => {
    seen.aborted.length = 0;
    const call = client.raw.answer({ ...ANSWER, act: 'wait', waitMs: 5000 }, () => undefined);
    await sleep(30);
    call.cancel();
    assert.equal((await abortedSoon()).reason, 'CANCELLED');
    await sleep(10);
    assert.deepEqual([lastLine()['code'], lastLine()['level']], ['CANCELLED', 30]);
  });

  test('does not abort the signal of a call that was answered', async () => {
    seen.aborted.length = 0;
    await client.call('answer', ANSWER);
    await sleep(20);
    assert.equal(seen.aborted.length, 0);
  });
});

describe('streams', () => {
  const WATCH = { id: 'x', count: 3, gapMs: 0, failAt: 0, pad: 0, lastEventId: '', beatAt: 0 };

  test('of responses come in order, and may fail late', async () => {
    const events = await collect(client.raw.watch(WATCH));
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      [1, 2, 3],
    );
    const error = await failing(collect(client.raw.watch({ ...WATCH, failAt: 3 })));
    assert.deepEqual([error.code, detailsOf(error).info.reason], [Code.FAILED_PRECONDITION, 'INSUFFICIENT_BALANCE']);
    const refused = await failing(collect(client.raw.watch({ ...WATCH, id: 'x'.repeat(21) })));
    assert.equal(refused.code, Code.INVALID_ARGUMENT);
  });

  test('of responses wait for a reader that does not read', async () => {
    // grpc-js as a client buffers all that it receives; this one does not.
    const session = connect(`http://${probe.address}`);
    const headers = {
      ':method': 'POST',
      ':path': '/probe.v1.ProbeService/Watch',
      'content-type': 'application/grpc',
    };
    const request = session.request(headers).pause();
    const message = WatchRequest.encode({ ...WATCH, count: 2000, pad: 50_000 }).finish();
    request.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
    await once(request, 'response');
    await sleep(100);
    const { written } = seen;
    assert(written < 40, `${written} messages of 50 kB are in memory`);
    request.resume();
    for (let tries = 0; seen.written === written && tries < 100; tries++) await sleep(5);
    assert(seen.written > written);
    session.destroy();
  });

  test('of responses are given up after a time without a reader, and what it has not read is dropped', async () => {
    await using impatient = await startProbe({ limits: { stalledMs: 200 } });
    const session = connect(`http://${impatient.address}`);
    const headers = { ':method': 'POST', ':path': '/probe.v1.ProbeService/Watch', 'content-type': 'application/grpc' };
    const request = session.request(headers).pause();
    const message = WatchRequest.encode({ ...WATCH, count: 2000, pad: 50_000 }).finish();
    request.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
    request.on('error', () => undefined);
    const started = performance.now();
    await once(request, 'close');
    assert(performance.now() - started > 350, 'it has the same time again to read why');
    const line = impatient.lines.find(({ rpc }) => rpc === '/probe.v1.ProbeService/Watch')!;
    assert.deepEqual([line['code'], line['reason']], ['ABORTED', 'READER_TOO_SLOW']);
    session.destroy();
  });

  test('of responses end when the reader leaves', async () => {
    const before = seen.stopped;
    const stream = client.raw.watch({ ...WATCH, count: 1000, gapMs: 10 }).on('error', () => undefined);
    await once(stream, 'data');
    stream.cancel();
    for (let tries = 0; seen.stopped === before && tries < 100; tries++) await sleep(5);
    assert.equal(seen.stopped, before + 1);
  });

  test('of requests are read one by one, and each keeps the rules', async () => {
    const sum = (...numbers: number[]): Promise<bigint> =>
      new Promise((resolve, reject) => {
        const call = client.raw.sum((error, answer) => (error === null ? resolve(answer.sum) : reject(error)));
        for (const number of numbers) call.write({ number });
        call.end();
      });
    assert.equal(await sum(1, 2, 3), 6n);
    assert.equal(await sum(), 0n);
    const error = await failing(sum(1, 1001));
    assert.deepEqual(detailsOf(error).fields, ['number INT32_LTE']);
  });

  test('in both directions answer message by message', async () => {
    const chat = client.raw.chat();
    const answers = chat[Symbol.asyncIterator]();
    for (const text of ['one', 'two']) {
      chat.write({ text });
      assert.deepEqual((await answers.next()).value, { text: `re: ${text}` });
    }
    chat.write({ text: 'bye' });
    assert.deepEqual((await answers.next()).value, { text: 're: bye' });
    assert.equal((await answers.next()).done, true);
    const failed = client.raw.chat();
    failed.write({ text: 'fail' });
    assert.equal((await failing(collect(failed))).code, Code.RESOURCE_EXHAUSTED);
  });

  test('of requests that are left open end with their caller', async () => {
    const chat = client.raw.chat().on('error', () => undefined);
    chat.write({ text: 'one' });
    await once(chat, 'data');
    const lines = probe.lines.length;
    chat.cancel();
    for (let tries = 0; probe.lines.length === lines && tries < 100; tries++) await sleep(5);
    assert.deepEqual([lastLine()['rpc'], lastLine()['code']], ['/probe.v1.ProbeService/Chat', 'CANCELLED']);
  });
});
