import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, describe, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { startEdge } from './envoy.ts';
import { seen, startProbe } from './probe.ts';
import { skip } from './rest.ts';

/** The same Envoy with less patience for headers. */
function impatient(text: string): string {
  const config = parse(text);
  const http = config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
  http.request_headers_timeout = '0.3s';
  return stringify(config);
}

const probe = skip ? undefined : await startProbe();
const edge = probe && (await startEdge({ grpcPort: probe.port }, impatient));
afterAll(async () => {
  await edge?.[Symbol.asyncDispose]();
  await probe?.[Symbol.asyncDispose]();
});

const post = (headers: string, body = '{"text":"hi"}'): string =>
  'POST /probe/answer HTTP/1.1\r\nhost: x\r\nconnection: close\r\n' +
  `content-type: application/json\r\n${headers}\r\n\r\n${body}`;
const get = (headers: string, version = '1.1'): string =>
  `GET /probe/answer/x HTTP/${version}\r\nhost: x\r\nconnection: close\r\n${headers}\r\n\r\n`;
const large = Array.from({ length: 7 }, (_, i) => `x-${i}: ${'x'.repeat(10_000)}`).join('\r\n');
const many = Array.from({ length: 120 }, (_, i) => `x-${i}: x`).join('\r\n');

/** What is sent, and how it is refused. */
const BROKEN: Readonly<Record<string, readonly [text: string, status: number, code: string]>> = {
  'two content-encodings, one of them harmless': [
    post('content-length: 13\r\ncontent-encoding: identity\r\ncontent-encoding: gzip'),
    415,
    'UNSUPPORTED_ENCODING',
  ],
  'a transfer-encoding that packs': [
    post('transfer-encoding: gzip, chunked', 'd\r\n{"text":"hi"}\r\n0\r\n\r\n'),
    415,
    'UNSUPPORTED_ENCODING',
  ],
  'a transfer-encoding that packs, and no length': [post('transfer-encoding: gzip'), 415, 'UNSUPPORTED_ENCODING'],
  'headers that are too large': [get(large), 431, 'TOO_LARGE'],
  'too many headers': [get(many), 431, 'TOO_LARGE'],
  'headers that never end': ['GET /probe/answer/x HTTP/1.1\r\nhost: x\r\n', 408, 'DEADLINE_EXCEEDED'],
  'two lengths': [post('content-length: 13\r\ncontent-length: 14'), 400, 'INVALID_ARGUMENT'],
  'an upgrade': [get('upgrade: websocket\r\nconnection: upgrade'), 403, 'INVALID_ARGUMENT'],
  'HTTP/1.0': [get('', '1.0'), 426, 'INVALID_ARGUMENT'],
  'what is no HTTP': ['garbage\r\n\r\n', 400, 'INVALID_ARGUMENT'],
  'a path with NUL': ['GET /probe/answer/x%00y HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'INVALID_ARGUMENT'],
  'no host': ['GET /probe/answer/x HTTP/1.1\r\n\r\n', 400, 'INVALID_ARGUMENT'],
};

async function exchange(text: string): Promise<{ head: string; body: string }> {
  const socket = connect(Number(edge!.address.split(':')[1]), '127.0.0.1').on('error', () => undefined);
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString();
    const [head, ...rest] = received.split('\r\n\r\n');
    const length = /^content-length: (\d+)/im.exec(head!)?.[1];
    if (length !== undefined && rest.join('\r\n\r\n').length >= Number(length)) socket.destroy();
  });
  socket.write(text);
  await once(socket, 'close');
  const at = received.indexOf('\r\n\r\n');
  return { head: received.slice(0, at), body: received.slice(at + 4) };
}

describe('broken HTTP is refused in the shape of all errors, before any handler', { skip }, () => {
  for (const [name, [text, status, code]] of Object.entries(BROKEN)) {
    test(name, async () => {
      const calls = seen.answered;
      const { head, body } = await exchange(text);
      assert.equal(Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), status, head);
      assert.match(head, /^content-type: application\/json$/im);
      const { error, ...others } = JSON.parse(body) as { error: { code: string; message: string } };
      assert.deepEqual([error.code, others], [code, {}]);
      assert.match(error.message, /\w{2} \w{2}/);
      assert.equal(seen.answered, calls);
    });
  }

  test('and a complete one is used', async () => {
    const calls = seen.answered;
    assert.match((await exchange(post('content-length: 13'))).head, /^HTTP\/1\.1 200/);
    assert.equal(seen.answered, calls + 1);
  });
});
