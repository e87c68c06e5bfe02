import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { startProbe, type ProbeServer } from '../edge/probe.ts';

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
