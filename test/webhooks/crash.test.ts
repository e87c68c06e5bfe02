import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { freshDatabase } from '../support/database.ts';
import { lastingPort, startServer, until, type ServerProcess } from '../support/service.ts';
import { applyFile } from '../../src/tools/apply.ts';
import { Hooks } from './hooks.ts';
import { Receiver, type Behaviour } from './receiver.ts';

const KILLS = 4;
const PLAYERS = 6;

let databaseUrl: string;
let port: number;
let server: ServerProcess;
const start = async (): Promise<void> => {
  server = await startServer(databaseUrl, { GRPC_PORT: String(port) });
};
beforeAll(async () => {
  databaseUrl = await freshDatabase();
  port = await lastingPort();
  await start();
  const file = new URL('../../src/tools/demo.yaml', import.meta.url).pathname;
  await applyFile({ file, address: server.address, userName: 'demo', password: 'demo' });
});
afterAll(() => server.end('SIGKILL'));

test('servers that are killed while they deliver lose no event, and keep the order of each aggregate', async (t) => {
  const { call: grpc, close } = grpcApi(`127.0.0.1:${port}`);
  const callers = new Callers(grpc, databaseUrl);
  const hooks = new Hooks({ grpc, rest: grpc, credentials: (as, userId) => callers.headers(as, userId) });
  // Some answers come late, and some never: they are in flight when a server is killed.
  let requests = 0;
  const behaviour: Behaviour = (_, __, response) => {
    requests += 1;
    if (requests % 7 === 0) return;
    setTimeout(() => response.end(), requests % 3 === 0 ? 100 : 0);
  };
  const receiver = await Receiver.start(behaviour);
  const { id } = await hooks.create(receiver.url, ['lootbox.opened']);
  const opens = new Set<string>();
  let stopping = false;
  const player = async (n: number): Promise<void> => {
    while (!stopping) {
      // A call whose answer was lost is not counted: it may have happened, and then there is an event for it, too.
      const open = await hooks.open(`player-${n}`).catch(() => sleep(100));
      if (typeof open === 'string') opens.add(`${open}-0`);
      await sleep(20);
    }
  };
  const players = Array.from({ length: PLAYERS }, (_, n) => player(n));
  for (let i = 0; i < KILLS; i++) {
    await sleep(1500);
    await server.end('SIGKILL');
    await start();
  }
  stopping = true;
  await Promise.all(players);
  receiver.behaviour = (_, __, response) => void response.end();
  const seen = (): Set<string> => new Set(receiver.received.map((one) => one.id));
  const missing = (): string[] => [...opens].filter((one) => !seen().has(one));
  // What was in flight is taken over after 20 s, and what had no answer is tried again after 5 s.
  for (const end = Date.now() + 90_000; missing().length > 0 && Date.now() < end;) await sleep(200);
  assert.deepEqual(missing(), []);
  await until(async () => (await hooks.admin('GetWebhook', { webhook_id: id })).webhook.waiting === 0);
  for (const [aggregate, events] of Map.groupBy(receiver.received, ({ event }) => event.aggregate)) {
    const sequences = events.map(({ event }) => Number(event.sequence));
    assert.deepEqual(
      sequences,
      [...sequences].sort((a, b) => a - b),
      aggregate,
    );
  }
  await t.annotate(`${opens.size} opens, ${seen().size} events, ${receiver.received.length} requests, ${KILLS} kills`);
  close();
  await receiver.stop();
}, 180_000);
