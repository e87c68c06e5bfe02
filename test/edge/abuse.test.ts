import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect as connect2, type IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { afterAll, describe, test } from 'vitest';
import { ENVOY, startEdge } from './envoy.ts';
import { ANSWER, grpcClient } from './grpc.ts';
import { http1 } from './http.ts';
import { startProbe } from './probe.ts';

const skip = ENVOY === null;
const probe = skip ? undefined : await startProbe();
const edge = probe && (await startEdge({ grpcPort: probe.port }));
afterAll(async () => {
  await edge?.[Symbol.asyncDispose]();
  await probe?.[Symbol.asyncDispose]();
});

const CHUNK = randomFillSync(Buffer.alloc(2 ** 20));
const CHUNKS = 100;

/** Writes 100 MB for as long as the other side takes them; resolves when it has had enough. */
async function pour(write: (chunk: Buffer, done: () => void) => void, closed: Promise<unknown>): Promise<void> {
  let open = true;
  const end = closed.then(() => {
    open = false;
  });
  for (let i = 0; i < CHUNKS && open; i++) await Promise.race([end, new Promise<void>((done) => write(CHUNK, done))]);
  await end;
}

async function assertServes(): Promise<void> {
  using rest = http1(edge!.base);
  assert.equal((await rest.send('GET', '/probe/answer/hi')).status, 200);
  using grpc = grpcClient(probe!.address);
  assert.equal((await grpc.call('answer', ANSWER)).text, 'hi');
}

describe('100 MB of garbage', { skip }, () => {
  test('on a connection end in its end, at either port', async () => {
    for (const address of [edge!.address, probe!.address]) {
      const socket = connect(Number(address.split(':')[1]), '127.0.0.1').on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      await once(socket, 'connect');
      await pour((chunk, done) => socket.write(chunk, () => done()), closed);
      await assertServes();
    }
  });

  test('as a body end in 413', async () => {
    const post = request(`${edge!.base}/probe/answer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    post.on('error', () => undefined);
    const answered = new Promise<IncomingMessage>((resolve) => post.once('response', resolve));
    await pour((chunk, done) => post.write(chunk, () => done()), answered);
    assert.equal((await answered).statusCode, 413);
    post.destroy();
    await assertServes();
  });

  test('as a message end in RESOURCE_EXHAUSTED, at either port', async () => {
    for (const address of [edge!.address, probe!.address]) {
      const session = connect2(`http://${address}`).on('error', () => undefined);
      const stream = session
        .request({
          ':method': 'POST',
          ':path': '/probe.v1.ProbeService/Answer',
          'content-type': 'application/grpc',
          te: 'trailers',
        })
        .on('error', () => undefined);
      const answered = new Promise<IncomingHttpHeaders>((resolve) => stream.once('response', resolve));
      const head = Buffer.alloc(5);
      head.writeUInt32BE(CHUNKS * CHUNK.length, 1);
      stream.write(head);
      await pour((chunk, done) => stream.write(chunk, () => done()), answered);
      assert.equal((await answered)['grpc-status'], '8');
      session.destroy();
      await assertServes();
    }
  });
});
