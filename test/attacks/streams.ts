import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { each, judge, tally, type Attack } from './attack.ts';
import { codeOf, dial, ended, framed, grpcCall, send, session } from './raw.ts';
import { encoded } from './requests.ts';
import type { Scene } from './scene.ts';

const STREAM = '/windfall.jackpot.v1.JackpotService/StreamContributions';
const OPEN = '/windfall.lootbox.v1.LootboxService/OpenLootbox';
const WATCH = '/windfall.jackpot.v1.JackpotService/WatchJackpot';

/** Opens calls on a few connections, and says what those came to that were refused. */
async function openMany(scene: Scene, count: number, path: string, headers: Record<string, string>, bytes?: Buffer) {
  const connections = Array.from({ length: Math.ceil(count / 1000) }, () => session(scene.server.address));
  const refused: string[] = [];
  for (let n = 0; n < count; n++) {
    const call = grpcCall(connections[n % connections.length]!, path, headers);
    void ended(call).then(({ status }) => refused.push(codeOf(status)));
    if (bytes !== undefined) call.end(bytes);
    if (n % 500 === 499) await sleep(20);
  }
  for (let tries = 0; tries < 40 && refused.length === 0; tries++) await sleep(100);
  await sleep(1000);
  const early = [...refused];
  return { early, close: () => connections.forEach((connection) => connection.destroy()) };
}

const idle: Attack = {
  name: '4,000 idle streams of one key',
  before: 'another operator was shut out (issue)',
  async run(scene) {
    const headers = await scene.as('service');
    const opened = await openMany(scene, 4000, STREAM, headers);
    await sleep(1500);
    opened.close();
    return judge(tally(opened.early), { 'none of them was refused': opened.early.length === 0 });
  },
};

const watchers: Attack = {
  name: '10,000 watchers of one operator',
  before: 'all places of a server (issue)',
  async run(scene) {
    const id = scene.unique('watched');
    await scene.must('admin', 'JackpotService.CreateJackpot', { id, asset: 'USD', seed_usd: '10' });
    const bytes = framed(encoded('JackpotService.WatchJackpot', { id }));
    const opened = await openMany(scene, 10_000, WATCH, await scene.as('service'), bytes);
    const connection = session(scene.server.address);
    const events = framed(encoded('EventService.WatchEvents', {}));
    const call = grpcCall(connection, '/windfall.event.v1.EventService/WatchEvents', { ...scene.rival });
    call.end(events);
    const other = await Promise.race([ended(call).then(({ status }) => codeOf(status)), sleep(1000, 'open')]);
    connection.destroy();
    opened.close();
    return judge(`${tally(opened.early)}; another operator's stream is ${other}`, {
      'none of them was refused': opened.early.length === 0,
      [`another operator's stream is ${other}`]: other !== 'open',
    });
  },
};

/** Calls of which nothing but the headers arrives, which no credential is needed for. */
const silent: Attack = {
  name: '8,000 unary calls of one stranger of which only the headers arrive',
  before: 'all held as long as their connection',
  async run(scene) {
    const connections = Array.from({ length: 8 }, () => session(scene.server.address, '127.0.7.1'));
    const codes: string[] = [];
    for (let n = 0; n < 8000; n++)
      void ended(grpcCall(connections[n % 8]!, OPEN)).then(({ status }) => codes.push(codeOf(status)));
    for (let tries = 0; tries < 50 && codes.length < 7000; tries++) await sleep(100);
    const told = tally([...codes]);
    const held = 8000 - codes.length;
    for (const connection of connections) connection.destroy();
    return judge(`${told}; ${held} held`, { [`${held} are held`]: held > 1000 });
  },
};

/** Connections that say nothing: whether another address still gets in. */
function connections(face: string, addressOf: (scene: Scene) => string, most: number): Attack {
  return {
    name: `6,000 connections of one address that say nothing, to ${face}`,
    before: 'not bounded',
    async run(scene) {
      const sockets: Socket[] = [];
      const outcomes = await each(6000, 500, async () => {
        const socket = dial(addressOf(scene), '127.0.6.1');
        sockets.push(socket);
        const closed = once(socket, 'close').then(() => 'closed');
        await Promise.race([once(socket, 'connect'), closed]).catch(() => undefined);
        return Promise.race([closed.catch(() => 'closed'), sleep(300, 'open')]);
      });
      const { status } = await send(scene.envoy.base, { path: '/health', from: '127.0.6.2' });
      const direct = session(scene.server.address, '127.0.6.2');
      const call = grpcCall(direct, '/grpc.health.v1.Health/Check');
      call.end(framed(new Uint8Array()));
      const other = codeOf((await Promise.race([ended(call), sleep(2000, { status: 'no answer' })])).status);
      direct.destroy();
      for (const socket of sockets) socket.destroy();
      const open = outcomes.filter((one) => one === 'open').length;
      return judge(`${tally(outcomes)}; another address: ${status}, ${other}`, {
        [`${open} are open`]: open > most,
        [`another address gets ${status}, ${other}`]: status !== 200 || other !== 'answered',
      });
    },
  };
}

export const STREAMS: readonly Attack[] = [
  idle,
  watchers,
  silent,
  connections('gRPC', ({ server }) => server.address, 1000),
  // Envoy 1.40 can only count those of all addresses.
  connections('Envoy', ({ envoy }) => envoy.base, 20_000),
];
