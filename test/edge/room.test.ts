import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connect2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, describe, test } from 'vitest';
import { startEdge } from './envoy.ts';
import { h2c, http1 } from './http.ts';
import { startProbe } from './probe.ts';
import { skip } from './rest.ts';

/** The same Envoy with a clock that goes on by a second whenever a body takes room. */
const hasty = (text: string): string =>
  text.replace(
    'local refusal = run("',
    (line) => `local now = os.time(); os.time = function() now = now + 1; return now end; ${line}`,
  );

const probe = skip ? undefined : await startProbe();
const edge = probe && (await startEdge({ grpcPort: probe.port }, hasty));
afterAll(async () => {
  await edge?.[Symbol.asyncDispose]();
  await probe?.[Symbol.asyncDispose]();
});

/** A connection from an address of this machine. */
async function open(localAddress: string): Promise<Socket> {
  const [host, port] = edge!.address.split(':');
  const socket = connect({ host: host!, port: Number(port), localAddress }).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const head = (line: string, length: number): string =>
  `${line} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`;

async function answered(socket: Socket): Promise<string> {
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString();
}

describe('the room that bodies hold', { skip }, () => {
  test('is nothing for an empty one, however it overlaps with others', async () => {
    const [empty, refused] = await Promise.all([open('127.0.0.2'), open('127.0.0.2')]);
    refused.write(head('POST /probe/answer', 300));
    const told = Promise.all([answered(empty), answered(refused)]);
    // The edge itself answers the second one: before the server of the first one, which is this process, can.
    empty.write(head('PUT /probe/things', 0));
    refused.write('x'.repeat(300));
    const [first, second] = await told;
    assert.match(second, /^HTTP\/1\.1 400 /);
    assert.match(first, /^HTTP\/1\.1 400 [^]*\r\n\r\n{"error":.*things\[0\]\.id must match/);
    assert.doesNotMatch(first, /x-rest-|grpc-/);
    for (const socket of [empty, refused]) socket.destroy();
  });

  test('comes back after so many seconds, and what was given back before does not come twice', async () => {
    const halves: Socket[] = [];
    using client = http1(edge!.base);
    for (let second = 0; second < 200; second++) {
      if (second % 40 === 0) halves.push(await open(`127.0.0.${second + 2}`));
      if (second % 40 === 0) halves.at(-1)!.write(head('POST /probe/answer', 250_000));
      const { status } = await client.send('POST', '/probe/answer', { text: 'hi' });
      assert.equal(status, 200, `after ${second} seconds`);
    }
    for (const half of halves) half.destroy();
  });

  test('is measured where no length is declared, and given back where there is no body', async () => {
    await using edge = await startEdge({ grpcPort: probe!.port });
    const session = connect2(edge.base);
    const statusOf = (stream: ReturnType<typeof session.request>): Promise<unknown> =>
      once(stream.resume(), 'response').then(([headers]) => (headers as Record<string, unknown>)[':status']);
    const statuses: Promise<unknown>[] = [];
    for (let nth = 0; nth < 300; nth++) {
      const stream = session.request({ ':method': 'POST', ':path': '/probe/answer' });
      statuses.push(statusOf(stream));
      stream.end('{"wait_ms":1000}');
      await turn();
    }
    assert.deepEqual([...new Set(await Promise.all(statuses))], [200]);
    session.close();
    using client = h2c(edge.base);
    const deleted = Array.from({ length: 300 }, () => client.send('DELETE', '/probe/things/t'));
    assert.deepEqual([...new Set((await Promise.all(deleted)).map(({ status }) => status))], [204]);
  });
});
