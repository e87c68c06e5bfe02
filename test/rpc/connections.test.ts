import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { test } from 'vitest';
import { startProbe, type ProbeServer } from '../edge/probe.ts';
import { selfSigned } from './self-signed.ts';

const [ONE, OTHER, PROXY] = ['127.0.9.1', '127.0.9.2', '127.0.9.3'];

/** Connects so many times from an address. Returns those that are still open after a moment. */
async function openFrom({ port }: ProbeServer, localAddress: string, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () =>
    connect({ port, host: '127.0.0.1', localAddress }).on('error', () => undefined),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await sleep(100);
  return sockets.filter(({ closed }) => !closed);
}

test('connections are limited by address, and all together; proxies and this machine are not counted', async (t) => {
  const limits = { connectionsEach: 3, connections: 5, trustedProxies: [PROXY] };
  await using probe = await startProbe({ limits });
  const held: Socket[] = [];
  t.onTestFinished(() => held.forEach((socket) => socket.destroy()));
  const open = async (address: string, count: number): Promise<Socket[]> => {
    const sockets = await openFrom(probe, address, count);
    held.push(...sockets);
    return sockets;
  };
  const first = await open(ONE, 5);
  assert.equal(first.length, 3);
  assert.equal((await open(OTHER, 3)).length, 2, 'five are open');
  assert.equal((await open(PROXY, 7)).length, 7);
  assert.equal((await open('127.0.0.1', 7)).length, 7);
  const warned = probe.lines.filter(({ msg }) => msg === 'too many connections');
  assert.deepEqual(
    warned.map(({ address, mine, all }) => [address, mine, all]),
    [[ONE, 3, 3]],
    'one line in ten seconds',
  );
  first[0]!.destroy();
  await sleep(100);
  assert.equal((await open(ONE, 2)).length, 1);
});

test('connections over TLS are counted until they are closed, those of HTTP/2 and those that fail', async (t) => {
  await using probe = await startProbe({ tls: selfSigned(), limits: { connectionsEach: 2 } });
  const options = { host: '127.0.0.1', port: probe.port, localAddress: ONE, ALPNProtocols: ['h2'] };
  const held: Socket[] = [];
  t.onTestFinished(() => held.forEach((socket) => socket.destroy()));
  // More of each than fit at a time.
  for (let n = 0; n < 4; n++) {
    const createConnection = () => connectTls({ ...options, rejectUnauthorized: false });
    const session = connectHttp2(`https://127.0.0.1:${probe.port}`, { createConnection });
    await once(session, 'remoteSettings');
    held.push(...(await openFrom(probe, ONE, 2)));
    assert.equal(held.length, 1, 'there is room for one beside the session');
    session.destroy();
    held.pop()!.destroy();
    await sleep(100);
  }
});
