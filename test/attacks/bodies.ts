import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { each, judge, tally, type Attack, type Finding } from './attack.ts';
import { codeOf, dial, ended, framed, grpcCall, send, session } from './raw.ts';
import type { Scene } from './scene.ts';

const [ENVOY_MAX_MB, SERVER_MAX_MB] = [400, 300];
const OPEN = '/windfall.lootbox.v1.LootboxService/OpenLootbox';
const HALF = Buffer.alloc(125_000, 'x');
const MEGABYTE = Buffer.alloc(2 ** 20);

/** What both processes held more at most, and how another operator fared. */
async function measured(scene: Scene, what: string, work: () => Promise<string>): Promise<Finding> {
  const before = await scene.watch.take();
  const result = await work();
  const { serverMb, envoyMb, restMs, grpcMs } = await scene.watch.take();
  const [server, envoy] = [serverMb - before.serverMb, envoyMb - before.envoyMb];
  const worst = Math.max(restMs, grpcMs);
  return judge(`${what}: ${result}; Envoy +${envoy} MB, server +${server} MB, health ${restMs}, ${grpcMs} ms`, {
    [`Envoy +${envoy} MB`]: envoy > ENVOY_MAX_MB,
    [`server +${server} MB`]: server > SERVER_MAX_MB,
    [`health took ${worst} ms`]: worst > 1000,
  });
}

function halfBodies(addresses: number): Attack {
  return {
    name: `half bodies: 2,000 over REST from ${addresses === 1 ? 'one address' : `${addresses} addresses`}`,
    before: addresses === 1 ? '400 MB at the edge before authentication (issue)' : 'health within 5 s (issue)',
    run: (scene) =>
      measured(scene, 'of 250 KB each', async () => {
        const statuses: string[] = [];
        const sockets = await each(2000, 200, async (n) => {
          const socket = dial(scene.envoy.base, `127.0.4.${1 + (n % addresses)}`);
          socket.on('data', (data: Buffer) => statuses.push(data.toString('latin1').slice(9, 12)));
          await once(socket, 'connect').catch(() => undefined);
          socket.write('POST /v1/lootbox/welcome-box/open HTTP/1.1\r\nhost: x\r\ncontent-length: 250000\r\n\r\n');
          socket.write(HALF);
          return socket;
        });
        await sleep(3000);
        const open = sockets.filter(({ closed }) => !closed).length;
        sockets.forEach((socket) => socket.destroy());
        return `${tally(statuses)}, ${open} connections left`;
      }),
  };
}

/** Messages of 4 MiB of which all but the last byte arrive, of callers who have shown no credential. */
function halfMessages(face: 'the server' | 'Envoy', addresses: number): Attack {
  return {
    name: `half gRPC messages of strangers: 1,500 × 4 MiB to ${face} from ${addresses === 1 ? 'one address' : '40'}`,
    before: face === 'Envoy' ? '898 MB in Envoy (issue)' : '589 MB in the server (issue)',
    run: (scene) =>
      measured(scene, 'each but its last byte', async () => {
        const sessions: ClientHttp2Session[] = [];
        const codes: string[] = [];
        const target = face === 'Envoy' ? scene.envoy.base : scene.server.address;
        for (let n = 0; n < 60; n++) {
          const connection = session(target, `127.0.5.${1 + (n % addresses)}`);
          sessions.push(connection);
          for (let m = 0; m < 25; m++) {
            const call = grpcCall(connection, OPEN, { 'x-windfall-operator': 'demo' });
            void ended(call).then(({ status }) => codes.push(codeOf(status)));
            call.write(framed(MEGABYTE.subarray(0, 60_000), 4 * 2 ** 20));
            // The same memory each time: what holds it is the other side, and the kernel.
            for (let part = 0; part < 3; part++) call.write(MEGABYTE);
          }
          await sleep(20);
        }
        await sleep(3000);
        sessions.forEach((connection) => connection.destroy());
        return `${tally(codes)}, ${1500 - codes.length} still open`;
      }),
  };
}

const slowHeaders: Attack = {
  name: '1,000 requests whose headers arrive byte by byte',
  before: 'not bounded',
  async run(scene) {
    const sockets = await each(1000, 200, async () => {
      const socket: Socket = dial(scene.envoy.base, '127.0.4.99');
      await once(socket, 'connect').catch(() => undefined);
      socket.write('GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ');
      return socket;
    });
    for (let second = 0; second < 12; second++) {
      for (const socket of sockets) if (!socket.closed) socket.write('y');
      await sleep(1000);
    }
    const open = sockets.filter(({ closed }) => !closed).length;
    sockets.forEach((socket) => socket.destroy());
    return judge(`${open} of them are open after 12 s`, { [`${open} are open`]: open > 0 });
  },
};

const bombs: Attack = {
  name: 'packed bodies: 200 gRPC messages that unpack to 1 GB, and gzip over REST',
  before: 'not measured',
  run: (scene) =>
    measured(scene, 'of 1 MB', async () => {
      const bomb = gzipSync(Buffer.alloc(2 ** 30), { level: 1 });
      const connections = Array.from({ length: 4 }, () => session(scene.server.address));
      const codes = await each(200, 200, async (n) => {
        const call = grpcCall(connections[n % 4]!, OPEN, { 'grpc-encoding': 'gzip' });
        call.end(framed(bomb, bomb.length, 1));
        return codeOf((await ended(call)).status);
      });
      for (const connection of connections) connection.destroy();
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      const path = '/v1/lootbox/welcome-box/open';
      const rest = await send(scene.envoy.base, { method: 'POST', path, headers, body: bomb.subarray(0, 100_000) });
      return `${tally(codes)}; REST ${rest.status}`;
    }),
};

export const BODIES: readonly Attack[] = [
  halfBodies(1),
  halfBodies(40),
  halfMessages('the server', 1),
  halfMessages('the server', 40),
  halfMessages('Envoy', 1),
  halfMessages('Envoy', 40),
  slowHeaders,
  bombs,
];
