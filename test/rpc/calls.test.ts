import assert from 'node:assert/strict';
import { credentials, makeGenericClientConstructor, status as Code } from '@grpc/grpc-js';
import { afterAll, describe, test } from 'vitest';
import { CheckRequest } from '../edge/gen/probe/v1/probe.ts';
import { ANSWER, detailsOf, failing, grpcClient } from '../edge/grpc.ts';
import { startProbe } from '../edge/probe.ts';

const probe = await startProbe();
const client = grpcClient(probe.address);
afterAll(async () => {
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
    path: `/probe.v1.ProbeService/${method}`,
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  const Client = makeGenericClientConstructor({ call: definition }, 'raw');
  const connection = new Client(probe.address, credentials.createInsecure());
  return new Promise<Buffer>((resolve, reject) => {
    const call = connection['call'] as unknown as (
      bytes: Buffer,
      done: (error: unknown, answer: Buffer) => void,
    ) => void;
    call.call(connection, bytes, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  }).finally(() => connection.close());
}

describe('errors', () => {
  test('a refusal is returned with code, reason, metadata and retry delay', async () => {
    const details = new Map([
      ['asset', 'WINZ'],
      ['balance', '40'],
    ]);
    const error = await failing(
      client.call('answer', {
        ...ANSWER,
        text: 'zu wenig – é',
        act: 'refuse',
        reason: 'INSUFFICIENT_BALANCE',
        details,
        retryAfterMs: 1250,
      }),
    );
    assert.equal(error.code, Code.FAILED_PRECONDITION);
    assert.equal(error.details, 'zu wenig – é');
    const { message, info, retryMs, fields } = detailsOf(error);
    assert.equal(message, error.details);
    assert.deepEqual(info, { reason: 'INSUFFICIENT_BALANCE', domain: 'windfall', metadata: details });
    assert.equal(retryMs, 1250);
    assert.deepEqual(fields, []);
    assert(!Object.keys(error.metadata.getMap()).some((name) => name.startsWith('x-rest-')));
  });

  test('an internal error returns only an id, which is in the log with the cause', async () => {
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

  test('more fields than fit into headers are returned in part', async () => {
    const labels = new Map(Array.from({ length: 20 }, (_, i) => ['X'.repeat(900) + i, '']));
    const error = await failing(client.call('check', { ...CheckRequest.fromPartial({}), labels }));
    assert.equal(error.code, Code.INVALID_ARGUMENT);
    assert(error.metadata.get('grpc-status-details-bin')[0]!.length <= 4096);
    assert(detailsOf(error).fields.length >= 3);
  });

  test("bytes that are no message, and too many of them, are the caller's fault", async () => {
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
      const {
        info: { reason, metadata },
      } = detailsOf(error);
      return [error.code, reason, Object.fromEntries(metadata)];
    };
    assert.deepEqual(await reasonOf({}), [Code.UNAUTHENTICATED, 'UNAUTHENTICATED', {}]);
    assert.deepEqual(await reasonOf({ authorization: 'Bearer wrong' }), [Code.UNAUTHENTICATED, 'UNAUTHENTICATED', {}]);
    assert.deepEqual(await reasonOf({ authorization: 'all' }), [Code.UNAUTHENTICATED, 'UNAUTHENTICATED', {}]);
    assert.deepEqual(await reasonOf({ authorization: 'Bearer boss' }), [
      Code.PERMISSION_DENIED,
      'PERMISSION_DENIED',
      { role: 'admin' },
    ]);
    assert.deepEqual(await reasonOf({ authorization: 'Bearer reader' }), [
      Code.PERMISSION_DENIED,
      'SCOPE_MISSING',
      { scope: 'ledger:issue' },
    ]);
  });

  test('is granted by key, by player token, and after a slow look-up', async () => {
    for (const headers of [KEY, { 'x-auth-token': 'ann' }, { authorization: 'bearer later-all' }]) {
      assert.equal((await client.call('createThing', CREATE, headers)).thing.id, 'a');
    }
    assert.equal(lastLine()['caller'], 'key:1');
  });

  test('is refused before the request is looked at', async () => {
    const error = await failing(
      client.call('createThing', { ...CREATE, thing: undefined }, { authorization: 'Bearer reader' }),
    );
    assert.equal(detailsOf(error).info.reason, 'SCOPE_MISSING');
  });
});

describe('the header idempotency-key', () => {
  test("is the field's other name", async () => {
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
    assert.match(
      text,
      /windfall_calls_total\{rpc="\/probe\.v1\.ProbeService\/CreateThing",code="PERMISSION_DENIED"\} \d/,
    );
    assert.match(text, /windfall_call_seconds_bucket\{le="0.005",rpc="\/probe\.v1\.ProbeService\/Answer"\} \d/);
    assert.match(text, /windfall_calls_in_flight 0\n/);
    assert.match(text, /nodejs_eventloop_lag_p99_seconds/);
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
    await close();
  });
});
