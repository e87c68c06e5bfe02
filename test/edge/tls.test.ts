import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import { afterAll, describe, test } from 'vitest';
import { answersOk } from '../../src/tools/health.ts';
import { authority, type Certificates } from '../rpc/authority.ts';
import { startEdge, type Edge } from './envoy.ts';
import { ANSWER, failing, grpcClient } from './grpc.ts';
import { http1 } from './http.ts';
import { startProbe } from './probe.ts';
import { skip } from './rest.ts';

const certificates = authority();
const { ca, server, client, stranger } = certificates;
const probe = skip ? undefined : await startProbe();
const open = probe && (await startEdge({ grpcPort: probe.port, tls: { ...server.files, clientCa: null } }));
const closed = probe && (await startEdge({ grpcPort: probe.port, tls: { ...server.files, clientCa: ca.file } }));
afterAll(async () => {
  await open?.[Symbol.asyncDispose]();
  await closed?.[Symbol.asyncDispose]();
  await probe?.[Symbol.asyncDispose]();
  certificates[Symbol.dispose]();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A GET over TLS that trusts our authority only. */
function get(url: string, own?: Certificates['server']): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ca: ca.cert, cert: own?.cert, key: own?.key, agent: false }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode!, headers: answer.headers });
    });
    asked.on('error', reject).end();
  });
}

const grpcOver = (address: string, own?: Certificates['server']): ReturnType<typeof grpcClient> =>
  grpcClient(
    address,
    credentials.createSsl(...[ca.cert, own?.key, own?.cert].map((pem) => (pem ? Buffer.from(pem) : null))),
  );

describe('REST over TLS', { skip }, () => {
  test('tells browsers to stay with it, and not to guess types', async () => {
    for (const path of ['/probe/answer/hi', '/probe/nothing', '/probe/answer/x?colour=red']) {
      const { headers } = await get(open!.base + path);
      assert.match(String(headers['strict-transport-security']), /^max-age=\d{8}$/, path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
    }
    await using plain = await startEdge({ grpcPort: probe!.port });
    using over = http1(plain.base);
    const { headers } = await over.send('GET', '/probe/nothing');
    assert.deepEqual([headers['strict-transport-security'], headers['x-content-type-options']], [undefined, 'nosniff']);
  });

  test('has gRPC on the same port, and nothing in plain text', async () => {
    using grpc = grpcOver(open!.address);
    assert.equal((await grpc.call('answer', ANSWER)).text, 'hi');
    using plain = http1(open!.base.replace('https', 'http'));
    await assert.rejects(plain.send('GET', '/probe/answer/hi'));
  });

  test('takes no TLS before 1.2', async () => {
    const [host, port] = open!.address.split(':');
    const old = { host, port: Number(port), ca: ca.cert, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' } as const;
    const refused = new Promise((resolve) =>
      connect(old)
        .on('error', () => resolve('refused'))
        .on('secureConnect', resolve),
    );
    assert.equal(await refused, 'refused');
  });

  test('is for clients with a certificate alone, if it is so set', async () => {
    assert.equal((await get(`${closed!.base}/probe/answer/hi`, client)).status, 200);
    await assert.rejects(get(`${closed!.base}/probe/answer/hi`), /certificate required/i);
    await assert.rejects(get(`${closed!.base}/probe/answer/hi`, stranger), /unknown ca|alert/i);
    using grpc = grpcOver(closed!.address, client);
    assert.equal((await grpc.call('answer', ANSWER)).text, 'hi');
  });

  test('is seen to serve by its own health check', async () => {
    for (const edge of [open!, closed!]) assert.equal(await answersOk(`${edge.base}/probe/answer/hi`), true);
    assert.equal(await answersOk(`${open!.base}/probe/nothing`), false);
    assert.equal(await answersOk('https://127.0.0.1:1/'), false);
  });
});

test('gRPC over TLS is for clients with a certificate alone, if it is so set; plain text is bound apart', async () => {
  await using server2 = await startProbe({ tls: { ...server, clientCa: ca.cert } });
  using grpc = grpcOver(server2.address, client);
  assert.equal((await grpc.call('answer', ANSWER)).text, 'hi');
  for (const own of [undefined, stranger]) {
    using refused = grpcOver(server2.address, own);
    assert.equal((await failing(refused.call('answer', ANSWER))).code, 14);
  }
  using plain = grpcClient(`127.0.0.1:${await server2.server.bindPlain('127.0.0.1:0')}`);
  assert.equal((await plain.call('answer', ANSWER)).text, 'hi');
});

describe('behind proxies', { skip }, () => {
  const LENGTH = 8 * 2 ** 20;
  /**
   * The statuses of so many requests at once whose bodies do not arrive: six fill an address's room; null: none yet. A
   * request that is alone, and admitted, has its body then: the server's answer is that it is invalid.
   */
  async function statuses(edge: Edge, addresses: readonly string[]): Promise<(number | null)[]> {
    const sockets = addresses.map((address) => {
      const socket = connectPlain(Number(edge.address.split(':')[1]), '127.0.0.1');
      const head = `POST /probe/check HTTP/1.1\r\nhost: x\r\ncontent-length: ${LENGTH}\r\n`;
      socket.write(`${head}x-forwarded-for: ${address}\r\n\r\n`);
      const status = once(socket, 'data').then(([data]: Buffer[]) => Number(data!.toString().slice(9, 12)));
      return { socket, status };
    });
    const told = await Promise.all(sockets.map(({ status }) => Promise.race([status, sleep(500, null)])));
    if (sockets.length === 1 && told[0] === null) {
      sockets[0]!.socket.write('{}'.padEnd(LENGTH));
      told[0] = await sockets[0]!.status;
    }
    for (const { socket } of sockets) socket.destroy();
    return told;
  }

  test('each client has its own address, and only a proxy says which', async () => {
    await using trusted = await startEdge({ grpcPort: probe!.port, trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
    const one = Array<string>(7).fill('192.0.2.66, 198.51.100.1, 10.1.2.3');
    assert.deepEqual((await statuses(trusted, one)).filter(Boolean), [429]);
    assert.deepEqual(await statuses(trusted, ['192.0.2.66, 198.51.100.2']), [400]);
    assert.deepEqual(await statuses(trusted, ['198.51.100.2, 198.51.100.1']), [429]);
    using client = http1(trusted.base);
    const { json } = await client.send('GET', '/probe/headers', undefined, { 'x-forwarded-for': '198.51.100.3' });
    assert.match(json.headers['x-forwarded-for'], /^198\.51\.100\.3, ?[\d.]+$/);
  });

  test('no client says it where nobody is trusted, or another', async () => {
    const many = Array.from({ length: 7 }, (_, i) => `198.51.100.${i}`);
    for (const trustedProxies of [[], ['10.0.0.0/8']]) {
      await using edge = await startEdge({ grpcPort: probe!.port, trustedProxies });
      assert.deepEqual((await statuses(edge, many)).filter(Boolean), [429], trustedProxies.join());
    }
  });
});

test('Envoy listens to its own user alone', { skip }, () => {
  assert.equal(statSync(open!.adminSocket).mode & 0o777, 0o600);
});
