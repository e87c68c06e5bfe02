import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connect2, createServer } from 'node:http2';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { startEdge } from './envoy.ts';
import { http1 } from './http.ts';
import { startProbe } from './probe.ts';
import { skip } from './rest.ts';

const LENGTH = 250_000;
/** What one address may hold, if there are no others: see edge-room.lua. */
const ROOM = Math.floor((256 * 2 ** 20) / 5 / LENGTH);

/** The same Envoy with less patience for bodies. */
function impatient(text: string): string {
  const config = parse(text);
  const http = config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
  for (const { route } of http.route_config.virtual_hosts[0].routes)
    if (route.max_stream_duration !== undefined) route.max_stream_duration.max_stream_duration = '2s';
  return stringify(config);
}

const MEGABYTE = Buffer.alloc(2 ** 20);

/** The same Envoy, for a server that never answers. */
function withoutHealthChecks(text: string): string {
  const config = parse(text);
  delete config.static_resources.clusters[0].health_checks;
  return stringify(config);
}

/** The same Envoy with less memory. */
const poor = (text: string): string => text.replace(/max_heap_size_bytes: \d+/, `max_heap_size_bytes: ${40 * 2 ** 20}`);

const probe = skip ? undefined : await startProbe();
const edge = probe && (await startEdge({ grpcPort: probe.port }, impatient));
afterAll(async () => {
  await edge?.[Symbol.asyncDispose]();
  await probe?.[Symbol.asyncDispose]();
});

/** A request whose body does not arrive, from an address of this machine; `sent` of its bytes do. */
async function half(from: string, sent = 0): Promise<{ socket: Socket; status: Promise<number> }> {
  const [host, port] = edge!.address.split(':');
  const socket = connect({ host: host!, port: Number(port), localAddress: from }).on('error', () => undefined);
  const status = Promise.race([
    once(socket, 'data').then(([data]: Buffer[]) => Number(data!.toString().slice(9, 12))),
    once(socket, 'close').then(() => 0),
  ]);
  await once(socket, 'connect');
  socket.write(`POST /probe/answer HTTP/1.1\r\nhost: x\r\ncontent-length: ${LENGTH}\r\n\r\n${'x'.repeat(sent)}`);
  return { socket, status };
}

const halves = (count: number, from: string, sent?: number): ReturnType<typeof half>[] =>
  Array.from({ length: count }, () => half(from, sent));

async function statusFrom(localAddress: string, length = 2): Promise<number> {
  using client = http1(edge!.base, { localAddress });
  return (await client.send('POST', '/probe/answer', { text: 'x'.repeat(length) })).status;
}

describe('bodies that do not arrive', { skip }, () => {
  test('take their room from one address alone, until they are over', async () => {
    const held = await Promise.all(halves(ROOM, '127.0.0.2'));
    const [more] = await Promise.all(halves(1, '127.0.0.2'));
    assert.equal(await more!.status, 429);
    assert.equal(await statusFrom('127.0.0.3'), 200);
    const statuses = await Promise.all(held.map(({ status }) => status));
    assert.deepEqual([...new Set(statuses)], [408]);
    assert.equal(await statusFrom('127.0.0.2'), 200);
    const again = await Promise.all(halves(ROOM - 1, '127.0.0.2'));
    assert.equal(await Promise.race([Promise.any(again.map(({ status }) => status)), sleep(200, 'none')]), 'none');
    for (const { socket } of again) socket.destroy();
  });

  test('are ended when they hold too much memory, those with most first', async () => {
    await using edge = await startEdge({ grpcPort: probe!.port }, poor);
    const session = connect2(edge.base).on('error', () => undefined);
    const streams = Array.from({ length: 100 }, (_, i) => {
      const stream = session.request({ ':method': 'POST', ':path': '/probe/answer' }, { endStream: false });
      stream.write('x'.repeat(i === 0 ? 1000 : LENGTH));
      return new Promise<number>((resolve) => {
        stream.on('error', () => undefined).on('response', ({ ':status': status }) => resolve(status!));
        stream.on('close', () => resolve(0));
      });
    });
    await Promise.race(streams.slice(1));
    const reset = 'envoy.overload_actions.reset_high_memory_stream.count';
    assert((await edge.stat(reset)) > 0);
    session.destroy();
  });

  test('cannot take all room, from however many addresses', async () => {
    const many = Array.from({ length: 8 }, (_, i) => halves(ROOM, `127.0.1.${i + 1}`));
    const sockets = await Promise.all(many.flat());
    assert.equal(await statusFrom('127.0.0.4', LENGTH), 200);
    for (const { socket } of sockets) socket.destroy();
  });

  test('of gRPC hold at most three megabytes of a connection, where the server does not read', async () => {
    const deaf = createServer().on('stream', (stream) => void stream.pause().on('error', () => undefined));
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    await using edge = await startEdge({ grpcPort: (deaf.address() as AddressInfo).port }, withoutHealthChecks);
    const session = connect2(edge.base).on('error', () => undefined);
    const headers = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };
    for (let n = 0; n < 50; n++)
      session.request({ ...headers, ':path': '/probe.v1.ProbeService/Answer' }, { endStream: false }).write(MEGABYTE);
    const taken = (): number => session.socket.bytesWritten;
    let before = -1;
    while (taken() !== before) {
      before = taken();
      await sleep(200);
    }
    // At least what is taken of a body before anybody reads it: else nothing was tried.
    assert.ok(taken() > 200_000 && taken() < 3 * MEGABYTE.length, `${taken()} bytes were taken`);
    session.destroy();
    deaf.close();
  });
});
