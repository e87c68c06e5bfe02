import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, constants, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Client, credentials, makeGenericClientConstructor, status as Code } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { describe, test } from 'vitest';
import { ANSWER, collect, failing, grpcClient } from '../edge/grpc.ts';
import { startProbe } from '../edge/probe.ts';
import { selfSigned } from './self-signed.ts';

const run = promisify(execFile);
const WATCH = { id: 'x', count: 1000, gapMs: 20, failAt: 0, pad: 0, lastEventId: '', beatAt: 0 };

/** What the server says of itself, as a load balancer asks. */
async function health(address: string, service: string): Promise<string> {
  const Health = makeGenericClientConstructor(healthService, 'health');
  const client = new Health(address, credentials.createInsecure());
  const check = (client as unknown as Record<string, (...args: unknown[]) => void>)['check']!.bind(client);
  try {
    return await new Promise((resolve, reject) => {
      check({ service }, (error: unknown, answer: { status: string }) =>
        error === null ? resolve(answer.status) : reject(error),
      );
    });
  } finally {
    (client as unknown as Client).close();
  }
}

describe('the server', () => {
  test('says that it serves, as a whole and each service', async () => {
    await using probe = await startProbe();
    assert.equal(await health(probe.address, ''), 'SERVING');
    assert.equal(await health(probe.address, 'probe.v1.ProbeService'), 'SERVING');
    assert.equal((await failing(health(probe.address, 'nothing'))).code, Code.NOT_FOUND);
  });

  test('serves its contract by reflection, so that a client needs no files', async () => {
    await using probe = await startProbe();
    const curl = (...args: string[]): Promise<string> =>
      run('node_modules/.bin/buf', ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', ...args]).then(
        ({ stdout }) => stdout,
      );
    const base = `http://${probe.address}`;
    assert.equal((await curl('--list-services', base)).trim(), 'probe.v1.ProbeService');
    const answer = await curl('--data', '{"text":"full"}', `${base}/probe.v1.ProbeService/Answer`);
    const label = { note: 'n', colour: 'red', parts: [{ wide: 1, odds: 2 }], extent: { wide: 1 } };
    const full = { text: 'full', note: 'a note', odds: 0.5, extent: { odds: 0.25 }, label };
    assert.deepEqual(JSON.parse(answer), full);
    assert.match(await curl('--data', '{"id":"a","count":2}', `${base}/probe.v1.ProbeService/Watch`), /"sequence": ?2/);
  });

  test('talks TLS with the certificate that it is given', async () => {
    const tls = selfSigned();
    await using probe = await startProbe({ tls });
    using trusting = grpcClient(`localhost:${probe.port}`, credentials.createSsl(Buffer.from(tls.cert)));
    assert.equal((await trusting.call('answer', ANSWER)).text, 'hi');
    using plain = grpcClient(probe.address);
    assert.equal((await failing(plain.call('answer', ANSWER, {}, 500))).code, Code.UNAVAILABLE);
  });

  test('does not bind an address that is taken', async () => {
    await using probe = await startProbe();
    await assert.rejects(startProbe({ address: probe.address }), /EADDRINUSE/);
  });
});

describe('a drain', () => {
  test('reports NOT_SERVING first, continues to serve, then finishes the calls in flight', async () => {
    const probe = await startProbe();
    using client = grpcClient(probe.address);
    await client.call('answer', ANSWER);
    const inFlight = client.call('answer', { ...ANSWER, waitMs: 400 });
    const drained = probe.server.drain({ waitMs: 200, limitMs: 5000 });
    await sleep(50);
    assert.equal(await health(probe.address, ''), 'NOT_SERVING');
    assert.equal((await client.call('answer', ANSWER)).text, 'hi');
    assert.equal((await inFlight).text, 'hi');
    await drained;
    using late = grpcClient(probe.address);
    assert.equal((await failing(late.call('answer', ANSWER, {}, 200))).code, Code.UNAVAILABLE);
  });

  test('closes streams with an error that says to retry', async () => {
    const probe = await startProbe();
    using client = grpcClient(probe.address);
    const watching = failing(collect(client.raw.watch(WATCH)));
    await sleep(100);
    const started = performance.now();
    await probe.server.drain({ waitMs: 0, limitMs: 5000 });
    assert.equal((await watching).code, Code.UNAVAILABLE);
    assert(performance.now() - started < 1000);
  });

  test('cuts off at its limit what does not end', async () => {
    const probe = await startProbe();
    using client = grpcClient(probe.address);
    const told = failing(client.call('answer', { ...ANSWER, act: 'wait', waitMs: 10_000 }));
    const deaf = failing(client.call('answer', { ...ANSWER, waitMs: 600 }));
    await sleep(50);
    const started = performance.now();
    await probe.server.drain({ waitMs: 0, limitMs: 100 });
    assert(performance.now() - started < 1000);
    for (const error of [await told, await deaf]) {
      assert.deepEqual([error.code, error.details.split(':')[0]], [Code.UNAVAILABLE, 'the server is stopping']);
    }
  });
});

test('a client that leaves thousands of calls at once does not end those of others on its connection', async (t) => {
  await using probe = await startProbe();
  const session = connect(`http://${probe.address}`).on('error', () => undefined);
  t.onTestFinished(() => session.destroy());
  const open = (): ClientHttp2Stream =>
    session
      .request({ ':method': 'POST', ':path': '/probe.v1.ProbeService/Chat', 'content-type': 'application/grpc' })
      .on('error', () => undefined)
      .resume();
  let status = 'none';
  const note = (headers: IncomingHttpHeaders): void => void (status = String(headers['grpc-status'] ?? status));
  const stays = open().on('response', note).on('trailers', note);
  for (let wave = 0; wave < 6; wave++) {
    const calls = Array.from({ length: 500 }, open);
    await sleep(100);
    calls.forEach((call) => call.close(constants.NGHTTP2_CANCEL));
  }
  await sleep(100);
  stays.end();
  if (!stays.closed) await once(stays, 'close');
  assert.equal(status, '0');
});

test('a stream of requests that says nothing does not delay the end of its server', async () => {
  await using probe = await startProbe();
  using client = grpcClient(probe.address);
  const chat = client.raw.chat();
  chat.write({ text: 'hi' });
  await once(chat, 'data');
  const failed = once(chat, 'error') as Promise<[{ code: number }]>;
  const started = performance.now();
  await probe.server.drain({ waitMs: 0, limitMs: 30_000 });
  assert.ok(performance.now() - started < 10_000, 'it waited for the client');
  assert.equal((await failed)[0].code, Code.UNAVAILABLE);
});
