import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, type Attack } from './attack.ts';
import { dial, sendBytes } from './raw.ts';
import type { Scene } from './scene.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const [DATA, HEADERS, RESET, SETTINGS, PING, CONTINUATION] = [0, 1, 3, 4, 6, 9];
const [END_STREAM, END_HEADERS] = [1, 4];
const GROWTH_MAX_MB = 200;

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
/** A header that no table keeps, its name and value as they are. */
const header = (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0]), text(name), text(value)]);
/** POST, http, and the rest as written. */
const CALL = Buffer.concat([
  Buffer.from([0x83, 0x86]),
  header(':path', '/windfall.lootbox.v1.LootboxService/OpenLootbox'),
  header(':authority', 'x'),
  header('content-type', 'application/grpc'),
  header('te', 'trailers'),
]);

async function open(address: string): Promise<Socket> {
  const socket = dial(address, '127.0.3.1');
  await once(socket, 'connect').catch(() => undefined);
  socket.resume().write(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0)]));
  return socket;
}

/** Writes as long as the other side takes it. Returns how many times. */
async function pour(socket: Socket, times: number, make: (n: number) => Buffer): Promise<number> {
  let n = 0;
  for (; n < times && !socket.destroyed && socket.writable; n++) {
    if (socket.write(make(n))) continue;
    await Promise.race([once(socket, 'drain'), once(socket, 'close'), sleep(2000)]).catch(() => undefined);
  }
  return n;
}

interface Flood {
  readonly name: string;
  /** Frames, or bursts of them. */
  readonly times: number;
  readonly make: (n: number) => Buffer;
}

const FLOODS: readonly Flood[] = [
  {
    name: '100,000 calls that are reset at once (rapid reset)',
    times: 100_000,
    make: (n) =>
      Buffer.concat([
        frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, CALL),
        frame(RESET, 0, 2 * n + 1, Buffer.from([0, 0, 0, 8])),
      ]),
  },
  {
    name: 'headers that never end (CONTINUATION, 60 MB)',
    times: 4000,
    make: (n) =>
      n === 0
        ? frame(HEADERS, 0, 1, CALL)
        : frame(
            CONTINUATION,
            0,
            1,
            Buffer.concat(Array.from({ length: 120 }, () => header(`x-${n}`, 'y'.repeat(110)))),
          ),
  },
  {
    name: '500,000 empty frames of settings',
    times: 5000,
    make: () => Buffer.concat(new Array<Buffer>(100).fill(frame(SETTINGS, 0, 0))),
  },
  {
    name: '500,000 pings',
    times: 5000,
    make: () => Buffer.concat(new Array<Buffer>(100).fill(frame(PING, 0, 0, Buffer.alloc(8)))),
  },
  {
    name: '500,000 empty frames of data',
    times: 5000,
    make: (n) =>
      n === 0 ? frame(HEADERS, END_HEADERS, 1, CALL) : Buffer.concat(new Array<Buffer>(100).fill(frame(DATA, 0, 1))),
  },
];

function flood(face: 'the server' | 'Envoy', { name, times, make }: Flood): Attack {
  return {
    name: `HTTP/2 to ${face}: ${name}`,
    before: 'not measured',
    async run(scene: Scene) {
      const before = await scene.watch.take();
      const target = face === 'Envoy' ? scene.envoy.base : scene.server.address;
      const socket = await open(target);
      await Promise.race([pour(socket, times, make), sleep(8000)]);
      await Promise.race([once(socket, 'close'), sleep(300)]).catch(() => undefined);
      const { closed } = socket;
      socket.destroy();
      // What it set off shows in the health of a moment.
      await sleep(500);
      const after = await scene.watch.take();
      const grown = Math.max(after.serverMb - before.serverMb, after.envoyMb - before.envoyMb);
      const end = closed ? 'the connection was closed' : 'all were taken';
      return judge(`${end}; +${grown} MB`, {
        [`+${grown} MB`]: grown > GROWTH_MAX_MB,
      });
    },
  };
}

/** What two readers of HTTP/1.1 may read differently. */
const SMUGGLED: readonly string[] = [
  'POST /health HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nG',
  'POST /health HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef',
  'POST /health HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n',
  'POST /health HTTP/1.1\r\nhost: x\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\n',
  'POST /health HTTP/1.1\r\nhost: x\r\ncontent-length: +6\r\n\r\nabcdef',
  'POST /health HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n',
  'GET /health HTTP/1.1\r\nhost: x\r\n x-folded: y\r\n\r\n',
  `GET /health HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  `GET /health HTTP/1.1\r\nhost: x\r\n${'x: y\r\n'.repeat(500)}\r\n`,
  'GET /health HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n',
  'GET /health HTTP/9.9\r\nhost: x\r\n\r\n',
];

const smuggling: Attack = {
  name: `${SMUGGLED.length} requests that two readers of HTTP/1.1 may read differently, or that are too large`,
  before: 'not measured',
  async run(scene) {
    const statuses: number[] = [];
    for (const bytes of SMUGGLED) statuses.push((await sendBytes(scene.envoy.base, bytes, undefined, 3000)).status);
    const wrong = statuses.filter((status) => (status < 400 && status !== 0 ? true : status >= 500));
    return judge(statuses.join(', '), { [`taken: ${wrong.join()}`]: wrong.length > 0 });
  },
};

export const FRAMES: readonly Attack[] = [
  ...FLOODS.flatMap((one) => [flood('the server', one), flood('Envoy', one)]),
  smuggling,
];
