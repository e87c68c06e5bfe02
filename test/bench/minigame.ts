/** Mini-games: plays of 10,000 players, beside OpenLootbox. */
import { OpenLootboxRequest } from '../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { BatchPlayRequest, PlayMiniGameRequest } from '../../gen/ts/windfall/minigame/v1/minigame.ts';
import { miniGamePlayed } from '../../src/engines/minigame/operations/play-mini-game.ts';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { checkBooks } from './books.ts';
import type { Against, Case, Suite, SuiteOptions } from './case.ts';
import { makePlayers, meetPlayers, SERVICE_HEADERS } from './players.ts';
import { Stage, type Bench } from './stage.ts';
import { A_KEY, A_PLAYER } from './template.ts';

const SETTINGS = 'server: LANES 1, LOG_LEVEL warn; keys are UUIDv7; a play costs 100 WINZ, as an open does';
const UNARY = new URL('drivers/unary.ts', import.meta.url);
const SERVICE = '/windfall.minigame.v1.MiniGameService';
const BATCH = 100;
const WHEEL = {
  kind: 'wheel',
  price: { asset: 'WINZ', amount: '100' },
  prizes: [
    { segment_label: 'small', asset: 'WINZ', amount: '25', weight: 500 },
    { segment_label: 'large', asset: 'WINZ', amount: '200', weight: 160 },
    { segment_label: 'nothing', weight: 340 },
  ],
};
const GAMES = [
  { ...WHEEL, id: 'plain' },
  { ...WHEEL, id: 'limited', limits: [{ count: 1_000_000, period: 'utc_day' }], free_asset: 'TOKEN' },
  {
    ...WHEEL,
    id: 'stocked',
    prizes: [{ segment_label: 'rare', asset: 'WINZ', amount: '300', weight: 90, stock: '1000000' }, ...WHEEL.prizes],
  },
];

async function makeGames(bench: Bench): Promise<void> {
  const api = grpcApi(bench.server.address);
  try {
    const admin = await new Callers(api.call, bench.databaseUrl).headers('admin', '');
    for (const game of GAMES) {
      const { status } = await api.call('MiniGameService.CreateMiniGame', game, admin);
      if (status !== 'OK') throw new Error(`game ${game.id}: ${status}`);
    }
  } finally {
    api.close();
  }
}

export async function start({ quick, say }: SuiteOptions): Promise<Suite> {
  const playerCount = quick ? 2000 : 10_000;
  say(`making ${playerCount.toLocaleString('en')} players`);
  const stage = await Stage.start((server) => makePlayers(server.address, playerCount, 'WINZ', '1000000'));
  try {
    const bench = await stage.serve(await stage.copy('main'));
    await makeGames(bench);
    await meetPlayers(bench.server.address, playerCount);
    return {
      cases: casesOf(bench, playerCount),
      postmaster: stage.postmaster,
      settings: [await stage.settings(), SETTINGS],
      check: (items) => {
        const count = [...items].reduce((sum, [one, done]) => (one.name.includes('Play') ? sum + done : sum), 0);
        return checkBooks('main', bench, { kind: miniGamePlayed.number, plural: 'plays', count }, true);
      },
      stop: () => stage.stop(),
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

const play = (id: string): PlayMiniGameRequest =>
  PlayMiniGameRequest.fromPartial({ id, userId: A_PLAYER, idempotencyKey: A_KEY });

function casesOf({ server, databaseUrl }: Bench, playerCount: number): Case[] {
  const load = (name: string, path: string, template: Uint8Array, inFlight: number, against?: Against): Case => ({
    name,
    inFlight,
    driver: UNARY,
    server: server.process.pid!,
    database: databaseUrl,
    options: {
      address: server.address,
      path,
      headers: SERVICE_HEADERS,
      template,
      playerCount,
      batch: path.includes('Batch'),
    },
    ...(against === undefined ? {} : { against }),
  });
  const open = OpenLootboxRequest.encode(
    OpenLootboxRequest.fromPartial({ id: 'gold-box', userId: A_PLAYER, idempotencyKey: A_KEY }),
  ).finish();
  const opening = load('OpenLootbox', '/windfall.lootbox.v1.LootboxService/OpenLootbox', open, 64);
  const playing = (name: string, id: string): Case =>
    load(name, `${SERVICE}/PlayMiniGame`, PlayMiniGameRequest.encode(play(id)).finish(), 64, {
      other: opening,
      by: 'rate',
    });
  const items = Array.from({ length: BATCH }, () => play('plain'));
  const batch = BatchPlayRequest.encode({ items }).finish();
  return [
    opening,
    playing('PlayMiniGame', 'plain'),
    playing('PlayMiniGame, limits and a free asset', 'limited'),
    playing('PlayMiniGame, stock', 'stocked'),
    load(`BatchPlay of ${BATCH}`, `${SERVICE}/BatchPlay`, batch, 4, { other: opening, by: 'rate' }),
  ];
}
