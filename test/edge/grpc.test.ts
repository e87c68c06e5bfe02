import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code as WebCode, createClient, type ConnectError } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-web';
import { status as Code } from '@grpc/grpc-js';
import { afterAll, describe, test } from 'vitest';
import { ENVOY, freePort, startEdge } from './envoy.ts';
import { AnswerRequest, AnswerResponse } from './gen/probe/v1/probe.ts';
import { ANSWER, collect, detailsOf, failing, grpcClient } from './grpc.ts';
import { http1 } from './http.ts';
import { DESCRIPTORS, startProbe } from './probe.ts';

const skip = ENVOY === null;
const probe = skip ? undefined : await startProbe();
const edge = probe && (await startEdge({ grpcPort: probe.port, timeoutMs: 300 }));
const client = grpcClient(edge?.address ?? '');
afterAll(async () => {
  client[Symbol.dispose]();
  await edge?.[Symbol.asyncDispose]();
  await probe?.[Symbol.asyncDispose]();
});
const WATCH = { id: 'x', count: 3, gapMs: 0, failAt: 0, pad: 0, lastEventId: '', beatAt: 0 };

describe('gRPC through the edge', { skip }, () => {
  test('is what the server says, with nothing of REST in it', async () => {
    assert.deepEqual(await client.call('answer', ANSWER), {
      text: 'hi',
      count: 0,
      note: undefined,
      odds: undefined,
      extent: undefined,
      label: undefined,
    });
    assert.equal((await client.call('listThings', { count: 2, pad: 0, pageSize: 0, waitMs: 0 })).things.length, 2);
    const { headers } = await client.call('headers', {}, { 'x-envoy-original-path': '/x', 'x-rest-status': '201' });
    assert.deepEqual(
      [...headers.keys()].filter((name: string) => /^x-(rest|envoy-original)-/.test(name)),
      [],
    );
    const call = client.raw.answer(ANSWER, () => undefined);
    const initial = await new Promise<object>((resolve) =>
      call.on('metadata', (metadata) => resolve(metadata.getMap())),
    );
    assert.deepEqual(
      Object.keys(initial).filter((name) => name.startsWith('x-rest-')),
      [],
    );
  });

  test('has the details of errors', async () => {
    const error = await failing(
      client.call('answer', {
        ...ANSWER,
        text: 'né"',
        act: 'refuse',
        reason: 'INSUFFICIENT_BALANCE',
        details: new Map([['asset', 'Ω']]),
        retryAfterMs: 10,
      }),
    );
    assert.deepEqual([error.code, error.details], [Code.FAILED_PRECONDITION, 'né"']);
    assert.deepEqual(detailsOf(error).info, {
      reason: 'INSUFFICIENT_BALANCE',
      domain: 'windfall',
      metadata: new Map([['asset', 'Ω']]),
    });
    const large = await failing(client.call('answer', { ...ANSWER, text: 'x'.repeat(5 * 2 ** 20) }));
    assert.equal(detailsOf(large).info.reason, 'TOO_LARGE');
  });

  test('has the deadline of the client, and no other', async () => {
    const slow = { ...ANSWER, waitMs: 600 };
    assert.equal((await client.call('answer', slow)).text, 'hi');
    assert.equal((await failing(client.call('answer', slow, {}, 100))).code, Code.DEADLINE_EXCEEDED);
  });

  test('streams in all directions', async () => {
    assert.equal((await collect(client.raw.watch(WATCH))).length, 3);
    const late = await failing(collect(client.raw.watch({ ...WATCH, failAt: 2 })));
    assert.deepEqual([late.code, detailsOf(late).info.reason], [Code.FAILED_PRECONDITION, 'INSUFFICIENT_BALANCE']);
    const chat = client.raw.chat();
    chat.write({ text: 'bye' });
    assert.deepEqual(await collect(chat), [{ text: 're: bye' }]);
    const sum = await new Promise((resolve, reject) => {
      const call = client.raw.sum((error, answer) => (error === null ? resolve(answer.sum) : reject(error)));
      for (let number = 0; number < 100; number++) call.write({ number });
      call.end();
    });
    assert.equal(sum, 4950n);
  });

  test('says so where there is no server', async () => {
    await using alone = await startEdge({ grpcPort: await freePort() });
    using lost = grpcClient(alone.address);
    assert.equal((await failing(lost.call('answer', ANSWER))).code, Code.UNAVAILABLE);
    using rest = http1(alone.base);
    const reply = await rest.send('GET', '/probe/answer/hi');
    assert.equal(reply.status, 503);
    assert.equal(reply.json.error.code, 'UNAVAILABLE');
    assert.match(reply.json.error.message, /^the service does not answer/);
  });
});

describe('gRPC-Web through the edge', { skip }, () => {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS)));
  const web = createClient(
    registry.getService('probe.v1.ProbeService')!,
    createGrpcWebTransport({ baseUrl: edge?.base ?? '' }),
  ) as any;

  test('calls, streams and fails as gRPC does', async () => {
    assert.equal((await web.answer({ text: 'hi' })).text, 'hi');
    assert.equal((await collect(web.watch({ id: 'x', count: 3 }))).length, 3);
    const error = (await web
      .answer({ text: 'né', act: 'refuse', reason: 'INSUFFICIENT_BALANCE' })
      .catch((thrown: unknown) => thrown)) as ConnectError;
    assert.deepEqual([error.code, error.rawMessage], [WebCode.FailedPrecondition, 'né']);
    assert.equal((error.details[0] as { type: string }).type, 'google.rpc.ErrorInfo');
  });

  test('works as text too, from another site', async () => {
    const message = Buffer.from(AnswerRequest.encode(ANSWER).finish());
    const framed = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
    const kind = 'application/grpc-web-text';
    const response = await fetch(`${edge!.base}/probe.v1.ProbeService/Answer`, {
      method: 'POST',
      headers: { 'content-type': kind, accept: kind, origin: 'https://lobby.example', 'x-grpc-web': '1' },
      body: framed.toString('base64'),
    });
    assert.equal(response.headers.get('access-control-allow-origin'), 'https://lobby.example');
    assert.match(response.headers.get('access-control-expose-headers')!, /grpc-status-details-bin/);
    const bytes = Buffer.from(await response.text(), 'base64');
    assert.equal(AnswerResponse.decode(bytes.subarray(5, 5 + bytes.readUInt32BE(1))).text, 'hi');
  });

  test('causes no error in the edge itself', async () => {
    assert.equal(await edge!.stat('http.edge.lua.errors'), 0);
  });
});
