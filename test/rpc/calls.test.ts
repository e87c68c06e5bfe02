import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, makeGenericClientConstructor, status as Code } from '@grpc/grpc-js';
import type { Refusal } from '../../src/kernel/index.ts';
import { WatchRequest } from '../edge/gen/probe/v1/probe.ts';
import { ANSWER, collect, detailsOf, failing, grpcClient } from '../edge/grpc.ts';
import { seen, startProbe } from '../edge/probe.ts';

const probe = await startProbe();
const client = grpcClient(probe.address);
after(async () => {
  client[Symbol.dispose]();
  await probe[Symbol.asyncDispose]();
});
const lastLine = (): Record<string, any> => probe.lines.at(-1)!;
const THING = { id: 'a', tags: [], createTime: undefined, metadata: undefined };
const CREATE = { thing: THING, idempotencyKey: '', hint: '' };
const KEY = { authorization: 'Bearer all' };

/** Sends these bytes as a request. */
function raw(method: string, bytes: Buffer): Promise<Buffer> {
  const same = (value: Buffer): Buffer => value;
  const definition = {
    path: `/probe.v1.ProbeService/${method}`, requestStream: false as const, responseStream: false as const,
    requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same,
  };
  const Client = makeGenericClientConstructor({ call: definition }, 'raw');
  const connection = new Client(probe.address, credentials.createInsecure());
  return new Promise<Buffer>((resolve, reject) => {
    const call = connection['call'] as unknown as (bytes: Buffer, done: (error: unknown, answer: Buffer) => void) => void;
    call.call(connection, bytes, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  }).finally(() => connection.close());
}

describe('errors', () => {
  test('a refusal is told with code, reason, metadata and when to come back', async () => {
    const details = new Map([['asset', 'WINZ'], ['balance', '40']]);
    const error = await failing(client.call('answer', {
      ...ANSWER, text: 'zu wenig – é', act: 'refuse', reason: 'INSUFFICIENT_BALANCE', details, retryAfterMs: 1250,
    }));
    assert.equal(error.code, Code.FAILED_PRECONDITION);
    assert.equal(error.details, 'zu wenig – é');
    const { message, info, retryMs, fields } = detailsOf(error);
    assert.equal(message, error.details);
    assert.deepEqual(info, { reason: 'INSUFFICIENT_BALANCE', domain: 'windfall', metadata: details });
    assert.equal(retryMs, 1250);
    assert.deepEqual(fields, []);
    assert(![...Object.keys(error.metadata.getMap())].some((name) => name.startsWith('x-rest-')));
  });

  test('a fault says no more than an id, which the log has with the cause', async () => {
    for (const act of ['crash', 'garble']) {
      const error = await failing(client.call('answer', { ...ANSWER, act }));
      assert.equal(error.code, Code.INTERNAL);
      const id = /^internal error (\S{36})$/.exec(error.details)![1];
      const { level, id: logged, fault } = lastLine();
      assert.deepEqual([level, logged], [50, id]);
      assert.match(fault, act === 'crash' ? /^TypeError: secret: the table players\n +at / : /int32/);
    }
  });

  test('each broken field is named', async () => {
    const error = await failing(client.call('createThing', { ...CREATE, thing: { ...THING, id: '' } }, KEY));
    assert.equal(error.code, Code.INVALID_ARGUMENT);
    assert.deepEqual(detailsOf(error).fields, ['thing.id STRING_PATTERN']);
  });

  test('more fields than headers hold are told in part', async () => {
    const item = { code: 'x'.repeat(2000), weight: 1, children: [] };
    const error = await failing(client.call('check', {
      length: 'abc', exact: '', uuid: '', word: '', requiredText: '', small: 0, large: 0n, chosen: 0, ratio: 0, colour: 0,
      blob: Buffer.alloc(0), tags: [], items: Array(30).fill(item), labels: new Map(), byNumber: new Map(), item,
      how: undefined, free: undefined, time: undefined, flag: false, unchecked: '',
    }));
    assert.equal(error.code, Code.INVALID_ARGUMENT);
    assert(error.metadata.get('grpc-status-details-bin')[0]!.length <= 4096);
    assert(detailsOf(error).fields.length >= 10);
  });

  test('bytes that are no message, and too many of them, are the caller\'s fault', async () => {
    const garbage = await failing(raw('Answer', Buffer.from('ffffffff', 'hex')));
    assert.deepEqual([garbage.code, garbage.details], [Code.INVALID_ARGUMENT, 'the message cannot be decoded']);
    const large = await failing(raw('Answer', Buffer.alloc(5 * 2 ** 20)));
    assert.deepEqual([large.code, detailsOf(large).info.reason], [Code.RESOURCE_EXHAUSTED, 'TOO_LARGE']);
    assert.equal((await failing(raw('Answer', Buffer.alloc(9 * 2 ** 20)))).code, Code.RESOURCE_EXHAUSTED);
    assert.equal((await failing(raw('Nothing', Buffer.alloc(0)))).code, Code.UNIMPLEMENTED);
    assert.equal((await client.call('answer', ANSWER)).text, 'hi');
  });
});

describe('access', () => {
  test('goes by role and scope', async () => {
    const reasonOf = async (headers: Record<string, string>): Promise<unknown> => {
      const error = await failing(client.call('createThing', CREATE, headers));
      const { info: { reason, metadata } } = detailsOf(error);
      return [error.code, reason, Object.fromEntries(metadata)];
    };
    assert.deepEqual(await reasonOf({}), [Code.UNAUTHENTICATED, 'UNAUTHENTICATED', {}]);
    assert.deepEqual(await reasonOf({ authorization: 'Bearer wrong' }), [Code.UNAUTHENTICATED, 'UNAUTHENTICATED', {}]);
    assert.deepEqual(await reasonOf({ authorization: 'all' }), [Code.UNAUTHENTICATED, 'UNAUTHENTICATED', {}]);
    assert.deepEqual(await reasonOf({ authorization: 'Bearer boss' }), [Code.PERMISSION_DENIED, 'PERMISSION_DENIED', { role: 'admin' }]);
    assert.deepEqual(await reasonOf({ authorization: 'Bearer reader' }), [Code.PERMISSION_DENIED, 'SCOPE_MISSING', { scope: 'ledger:issue' }]);
  });

  test('is granted by key, by player token, and by one that takes a while to look up', async () => {
    for (const headers of [KEY, { 'x-auth-token': 'ann' }, { authorization: 'bearer later-all' }]) {
      assert.equal((await client.call('createThing', CREATE, headers)).thing.id, 'a');
    }
    assert.equal(lastLine()['caller'], 'key:1');
  });

  test('is refused before the request is looked at', async () => {
    const error = await failing(client.call('createThing', { ...CREATE, thing: undefined }, { authorization: 'Bearer reader' }));
    assert.equal(detailsOf(error).info.reason, 'SCOPE_MISSING');
  });
});

describe('the header idempotency-key', () => {
  test('is the field\'s other name', async () => {
    const header = { ...KEY, 'idempotency-key': 'k1' };
    assert.equal((await client.call('createThing', CREATE, header)).idempotencyKey, 'k1');
    assert.equal((await client.call('createThing', { ...CREATE, idempotencyKey: 'k1' }, header)).idempotencyKey, 'k1');
    assert.equal((await client.call('createThing', { ...CREATE, idempotencyKey: 'k2' }, KEY)).idempotencyKey, 'k2');
  });

  test('must not differ from it, and keeps its rules', async () => {
    const header = { ...KEY, 'idempotency-key': 'k1' };
    const differs = await failing(client.call('createThing', { ...CREATE, idempotencyKey: 'k2' }, header));
    assert.deepEqual(detailsOf(differs).fields, ['idempotency_key INVALID']);
    const long = await failing(client.call('createThing', CREATE, { ...KEY, 'idempotency-key': 'x'.repeat(129) }));
    assert.deepEqual(detailsOf(long).fields, ['idempotency_key STRING_PATTERN']);
  });
});

describe('a caller that leaves', () => {
  const abortedSoon = async (): Promise<Refusal> => {
    for (let tries = 0; seen.aborted.length === 0 && tries < 100; tries++) await sleep(5);
    return seen.aborted.pop() as Refusal;
  };

  test('aborts the signal at its deadline', async () => {
    seen.aborted.length = 0;
    const error = await failing(client.call('answer', { ...ANSWER, act: 'wait', waitMs: 5000 }, {}, 50));
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
  const WATCH = { id: 'x', count: 3, gapMs: 0, failAt: 0, pad: 0 };

  test('of responses come in order, and may fail late', async () => {
    const events = await collect(client.raw.watch(WATCH));
    assert.deepEqual(events.map(({ sequence }) => sequence), [1, 2, 3]);
    const error = await failing(collect(client.raw.watch({ ...WATCH, failAt: 3 })));
    assert.deepEqual([error.code, detailsOf(error).info.reason], [Code.FAILED_PRECONDITION, 'INSUFFICIENT_BALANCE']);
    const refused = await failing(collect(client.raw.watch({ ...WATCH, id: 'x'.repeat(21) })));
    assert.equal(refused.code, Code.INVALID_ARGUMENT);
  });

  test('of responses wait for a reader that does not read', async () => {
    // grpc-js as a client takes in what comes; this one does not.
    const session = connect(`http://${probe.address}`);
    const headers = { ':method': 'POST', ':path': '/probe.v1.ProbeService/Watch', 'content-type': 'application/grpc' };
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

  test('of responses end when the reader leaves', async () => {
    const before = seen.stopped;
    const stream = client.raw.watch({ ...WATCH, count: 1000, gapMs: 10 }).on('error', () => undefined);
    await once(stream, 'data');
    stream.cancel();
    for (let tries = 0; seen.stopped === before && tries < 100; tries++) await sleep(5);
    assert.equal(seen.stopped, before + 1);
  });

  test('of requests are read one by one, and each keeps the rules', async () => {
    const sum = (...numbers: number[]): Promise<bigint> => new Promise((resolve, reject) => {
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

describe('log and metrics', () => {
  test('a line has RPC, outcome, time, caller and request id, and nothing that was sent', async () => {
    await client.call('createThing', CREATE, { ...KEY, 'x-request-id': 'r1' });
    const { level, rpc, code, ms, caller, request_id: id } = lastLine();
    assert.deepEqual([level, rpc, code, caller, id], [20, '/probe.v1.ProbeService/CreateThing', 'OK', 'key:1', 'r1']);
    assert(ms > 0 && ms < 1000);
    await failing(client.call('answer', { ...ANSWER, text: 'private', act: 'refuse', reason: 'OVERLOADED' }, KEY));
    assert.deepEqual([lastLine()['code'], lastLine()['reason']], ['RESOURCE_EXHAUSTED', 'OVERLOADED']);
    assert(!JSON.stringify(probe.lines).includes('Bearer') && !JSON.stringify(probe.lines).includes('private'));
  });

  test('calls are counted by RPC and code, where Prometheus finds them', async () => {
    const { port, close } = await probe.metrics.serve(0, '127.0.0.1');
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(text, /windfall_calls_total\{rpc="\/probe\.v1\.ProbeService\/CreateThing",code="PERMISSION_DENIED"\} \d/);
    assert.match(text, /windfall_call_seconds_bucket\{le="0.005",rpc="\/probe\.v1\.ProbeService\/Answer"\} \d/);
    assert.match(text, /windfall_calls_in_flight 0\n/);
    assert.match(text, /nodejs_eventloop_lag_p99_seconds/);
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
    await close();
  });
});
