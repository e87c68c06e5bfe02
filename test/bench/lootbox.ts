/** Lootboxes: a box with a price, opened by 10,000 players. */
import { credentials } from '@grpc/grpc-js';
import {
  BatchOpenRequest,
  LootboxServiceClient,
  OpenLootboxRequest,
  OpenLootboxResponse,
} from '../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import type { Against, Case, Suite, SuiteOptions } from './case.ts';
import { lootboxOpened } from '../../src/engines/lootbox/operations/open-lootbox.ts';
import { checkBooks, type Done } from './books.ts';
import { fillHistory } from './lootbox-history.ts';
import type { SqlOptions } from './bare-sql.ts';
import { call, makePlayers, meetPlayers, SERVICE_HEADERS } from './players.ts';
import { Stage, type Bench } from './stage.ts';
import { A_KEY, A_PLAYER, playerName } from './template.ts';

const BOX = 'gold-box';
const SETTINGS = 'server: LANES 1, LOG_LEVEL warn; Envoy: one thread; keys are UUIDv7';
const SERVICE = '/windfall.lootbox.v1.LootboxService';
const UNARY = new URL('drivers/unary.ts', import.meta.url);
const REST = new URL('drivers/rest.ts', import.meta.url);
const SQL = new URL('lootbox-sql.ts', import.meta.url);

const anOpen: OpenLootboxRequest = {
  id: BOX,
  userId: A_PLAYER,
  brandId: '',
  idempotencyKey: A_KEY,
  receipt: false,
  clientSeed: '',
  count: 0,
  expectedSeedHash: '',
  expectedConfigHash: '',
};
const OPEN = OpenLootboxRequest.encode(anOpen).finish();
const batchOf = (items: number): Uint8Array =>
  BatchOpenRequest.encode({ items: Array.from({ length: items }, () => anOpen) }).finish();

interface PlayedBench extends Bench {
  readonly playerCount: number;
}

/**
 * Sets the processes up: services on three copies of one database, so that each load grows a database of its
 * own.
 */
export async function start({ quick, say }: SuiteOptions): Promise<Suite> {
  const [players, history] = quick ? [2000, 20_000] : [10_000, 1_000_000];
  let answerBytes = 0;
  say(`making ${players.toLocaleString('en')} players`);
  const stage = await Stage.start(async (server) => {
    await makePlayers(server.address, players, 'WINZ', '100000');
    answerBytes = await answerSize(server.address);
  });
  try {
    const [main, young] = [await stage.copy('main'), await stage.copy('young')];
    const [old, bare] = [await stage.copy('old'), await stage.copy('bare')];
    say(`filling ${history.toLocaleString('en')} earlier opens in by SQL`);
    await fillHistory(old, history);
    const serve = async (url: string): Promise<PlayedBench> => {
      const bench = await stage.serve(url);
      await meetPlayers(bench.server.address, players);
      return { ...bench, playerCount: players };
    };
    const [mainBench, youngBench, oldBench] = [await serve(main), await serve(young), await serve(old)];
    const served = await servedCases(stage, mainBench, answerBytes);
    const batches = batchCases(mainBench, bareCases(bare));
    const pasts = historyCases(youngBench, oldBench, history);
    return {
      cases: [...served, ...batches, ...pasts],
      postmaster: stage.postmaster,
      settings: [await stage.settings(), SETTINGS],
      check: async (items) => [
        ...(await checkBooks('main', mainBench, opens(opensOf(items, mainBench)), true)),
        ...(await checkBooks('no history', youngBench, opens(opensOf(items, youngBench)), true)),
        ...(await checkBooks('history', oldBench, opens(opensOf(items, oldBench) + history), false)),
      ],
      stop: () => stage.stop(),
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

/** Opens a box once; returns how long the answer is. */
async function answerSize(address: string): Promise<number> {
  const client = new LootboxServiceClient(address, credentials.createInsecure());
  const answer = await call(client, 'openLootbox', { ...anOpen, userId: playerName(0) });
  client.close();
  return OpenLootboxResponse.encode(answer as OpenLootboxResponse).finish().length;
}

/** Unary calls against an echo of the same sizes, and the same call through Envoy. */
async function servedCases(stage: Stage, bench: PlayedBench, answerBytes: number): Promise<Case[]> {
  const echo = await stage.echo(`${SERVICE}/OpenLootbox`, answerBytes);
  const cases = [1, 16, 64, 256].flatMap((inFlight) => {
    const direct = openCase(bench, 'OpenLootbox', inFlight, 1);
    const plain: Case = {
      name: 'echo',
      inFlight,
      driver: UNARY,
      server: echo.pid,
      options: { ...direct.options, address: echo.address },
    };
    const aim = inFlight === 64 ? { aim: '≥ 0.45' } : {};
    return [plain, { ...direct, against: { other: plain, by: 'rate' as const, ...aim } }];
  });
  const direct = cases.find(({ name, inFlight }) => name === 'OpenLootbox' && inFlight === 64)!;
  const [envoy, { playerCount }] = [await stage.envoy(bench), bench];
  const body = Buffer.from(JSON.stringify({ user_id: A_PLAYER, idempotency_key: A_KEY }));
  return [
    ...cases,
    {
      name: 'OpenLootbox, REST',
      inFlight: 64,
      driver: REST,
      server: bench.server.process.pid!,
      envoy: envoy.pid,
      database: bench.databaseUrl,
      options: {
        base: envoy.base,
        path: `/v1/lootbox/${BOX}/open`,
        headers: SERVICE_HEADERS,
        template: body,
        playerCount,
      },
      against: { other: direct, by: 'cpu', aim: '≤ 3' },
    },
  ];
}

/** OpenLootbox, or BatchOpen of so many items. */
function openCase(bench: PlayedBench, name: string, inFlight: number, items: number, against?: Against): Case {
  const { server, databaseUrl, playerCount } = bench;
  const batch = items > 1;
  return {
    name,
    inFlight,
    driver: UNARY,
    server: server.process.pid!,
    database: databaseUrl,
    options: {
      address: server.address,
      path: `${SERVICE}/${batch ? 'BatchOpen' : 'OpenLootbox'}`,
      headers: SERVICE_HEADERS,
      template: batch ? batchOf(items) : OPEN,
      playerCount,
      batch,
    },
    ...(against === undefined ? {} : { against }),
  };
}

/** The rows of an open without the service: on one connection, and on two as the server has. */
function bareCases(databaseUrl: string): Case[] {
  const bare = (name: string, inFlight: number, locks: boolean): Case => {
    const options: SqlOptions = { databaseUrl, connections: inFlight, locks };
    return { name, inFlight, driver: SQL, options };
  };
  return [bare('bare SQL', 1, true), bare('bare SQL', 2, true), bare('bare SQL without locks', 1, false)];
}

function batchCases(bench: PlayedBench, bare: readonly Case[]): Case[] {
  const against: Against = { other: bare[0]!, by: 'rate', aim: '≥ 0.6' };
  return [
    ...bare,
    openCase(bench, 'BatchOpen of 100', 4, 100, against),
    openCase(bench, 'BatchOpen of 100', 10, 100, against),
    openCase(bench, 'BatchOpen of 1,000', 2, 1000, against),
  ];
}

function historyCases(young: PlayedBench, old: PlayedBench, history: number): Case[] {
  const none = openCase(young, 'BatchOpen of 100, no history', 10, 100);
  const name = `BatchOpen of 100, after ${history.toLocaleString('en')} opens`;
  return [none, openCase(old, name, 10, 100, { other: none, by: 'rate', aim: '≥ 0.9' })];
}

/** How many opens a service has acknowledged, with the one of the set-up. */
function opensOf(items: ReadonlyMap<Case, number>, { server }: Bench): number {
  return [...items].reduce((sum, [one, count]) => (one.server === server.process.pid ? sum + count : sum), 1);
}

const opens = (count: number): Done => ({ kind: lootboxOpened.number, plural: 'opens', count });
