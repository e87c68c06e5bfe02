import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { each, judge, tally, type Attack } from './attack.ts';
import { codeOf, dial, ended, framed, grpcCall, session } from './raw.ts';
import { encoded } from './requests.ts';
import type { Scene } from './scene.ts';

const GROWTH_MAX_MB = 200;
/** A client that lets nothing in. */
const CLOSED = { initialWindowSize: 0 };

const READS = 800;

/** Boxes whose list is long. */
async function fillList(scene: Scene): Promise<void> {
  const prizes = Array.from({ length: 200 }, (_, n) => {
    const segment_label = `prize ${n} ${'x'.repeat(40)}`;
    return { segment_label, asset: 'WINZ', amount: String(n + 1), weight: 1 };
  });
  await each(20, 1, () => scene.box({ prizes }));
}

const unread: Attack = {
  name: `answers that nobody reads: ${READS} long lists over gRPC, with closed windows`,
  before: 'not bounded (issue)',
  async run(scene) {
    await fillList(scene);
    const headers = await scene.as('service');
    const bytes = framed(encoded('LootboxService.ListLootboxes', { page_size: 500 }));
    const { body } = await scene.grpc('LootboxService.ListLootboxes', { page_size: 500 }, headers);
    const kilobytes = Math.round(JSON.stringify(body).length / 1000);
    // What the lists need besides, also where they are read.
    await each(300, 8, () => scene.grpc('LootboxService.ListLootboxes', { page_size: 500 }, headers));
    const before = (await scene.watch.take()).serverMb;
    const connections = Array.from({ length: 8 }, () => session(scene.server.address, '127.0.0.1', CLOSED));
    const outcomes: string[] = [];
    for (let n = 0; n < READS; n++) {
      const call = grpcCall(connections[n % 8]!, '/windfall.lootbox.v1.LootboxService/ListLootboxes', headers);
      call.end(bytes);
      void ended(call).then(({ status }) => outcomes.push(codeOf(status)));
      if (n % 20 === 19) await sleep(250);
    }
    await sleep(1000);
    const grown = (await scene.watch.take()).serverMb - before;
    const held = new Array<string>(READS - outcomes.length).fill(`held of ${kilobytes} KB`);
    const told = tally([...outcomes, ...held]);
    for (const connection of connections) connection.destroy();
    return judge(`${told}; the server grew by ${grown} MB`, {
      [`the server grew by ${grown} MB`]: grown > GROWTH_MAX_MB,
    });
  },
};

const unreadRest: Attack = {
  name: 'answers that nobody reads: 300 large pages over REST on connections that never read',
  before: 'not measured',
  async run(scene) {
    const headers = await scene.as('service');
    const before = await scene.watch.take();
    const sockets = await each(300, 300, async (n) => {
      const socket = dial(scene.envoy.base, `127.0.9.${1 + (n % 40)}`);
      await once(socket, 'connect');
      socket.pause();
      const head = `host: x\r\nauthorization: ${headers['authorization']}`;
      const request = `GET /templates?page_size=500 HTTP/1.1\r\n${head}\r\n\r\n`;
      // Pipelined: more than one answer waits.
      socket.write(request.repeat(20));
      return socket;
    });
    await sleep(3000);
    const after = await scene.watch.take();
    for (const socket of sockets) socket.destroy();
    const [server, envoy] = [after.serverMb - before.serverMb, after.envoyMb - before.envoyMb];
    return judge(`server +${server} MB, Envoy +${envoy} MB`, {
      [`server +${server} MB`]: server > GROWTH_MAX_MB,
      [`Envoy +${envoy} MB`]: envoy > GROWTH_MAX_MB,
    });
  },
};

const slowWatchers: Attack = {
  name: '2,000 watchers of a busy jackpot who read nothing',
  before: 'not measured',
  async run(scene) {
    const id = scene.unique('watched');
    await scene.must('admin', 'JackpotService.CreateJackpot', { id, asset: 'USD', seed_usd: '10' });
    const bytes = framed(encoded('JackpotService.WatchJackpot', { id }));
    const before = (await scene.watch.take()).serverMb;
    const connections = Array.from({ length: 4 }, (_, n) => session(scene.server.address, `127.0.8.${n + 1}`, CLOSED));
    const calls = Array.from({ length: 2000 }, (_, n) => {
      const path = '/windfall.jackpot.v1.JackpotService/WatchJackpot';
      const call = grpcCall(connections[n % 4]!, path, { 'x-windfall-operator': 'demo' });
      call.end(bytes);
      return call;
    });
    const service = await scene.as('service');
    await each(1500, 4, (n) => {
      const wager = { source_wager_id: `${id}-${n}`, user_id: `watched-${n % 20}`, amount: 1 };
      return scene.grpc('JackpotService.ContributeToJackpot', { id, ...wager }, service);
    });
    const { serverMb } = await scene.watch.take();
    const open = calls.filter(({ closed }) => !closed).length;
    for (const connection of connections) connection.destroy();
    const grown = serverMb - before;
    return judge(`${open} still open; the server grew by ${grown} MB`, {
      [`the server grew by ${grown} MB`]: grown > GROWTH_MAX_MB,
    });
  },
};

export const READERS: readonly Attack[] = [unread, unreadRest, slowWatchers];
