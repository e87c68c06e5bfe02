/**
 * Raffles: tickets bought by 10,000 players, beside OpenLootbox. The draw of a large pool is
 * `npm run campaign -- raffle`.
 */
import { OpenLootboxRequest } from '../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { BatchEnterRequest, EnterRaffleRequest } from '../../gen/ts/windfall/raffle/v1/raffle.ts';
import { ticketsSold } from '../../src/tickets/index.ts';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { checkBooks } from './books.ts';
import type { Against, Case, Suite, SuiteOptions } from './case.ts';
import { makePlayers, meetPlayers, SERVICE_HEADERS } from './players.ts';
import { Stage, type Bench } from './stage.ts';
import { A_KEY, A_PLAYER } from './template.ts';

const SETTINGS = 'server: LANES 1, LOG_LEVEL warn; keys are UUIDv7; an entry is 3 tickets of 1 WINZ';
const UNARY = new URL('drivers/unary.ts', import.meta.url);
const SERVICE = '/windfall.raffle.v1.RaffleService';
const BATCH = 100;
const RAFFLES = [
  { id: 'plain', prize_winz: 5000, ticket_cost: '1' },
  { id: 'capped', prize_winz: 5000, ticket_cost: '1', max_tickets_per_player: 1_000_000 },
];

async function makeRaffles(bench: Bench): Promise<void> {
  const api = grpcApi(bench.server.address);
  try {
    const admin = await new Callers(api.call, bench.databaseUrl).headers('admin', '');
    for (const raffle of RAFFLES) {
      const { status } = await api.call('RaffleService.CreateRaffle', raffle, admin);
      if (status !== 'OK') throw new Error(`raffle ${raffle.id}: ${status}`);
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
    await makeRaffles(bench);
    await meetPlayers(bench.server.address, playerCount);
    return {
      cases: casesOf(bench, playerCount),
      postmaster: stage.postmaster,
      settings: [await stage.settings(), SETTINGS],
      check: (items) => {
        const count = [...items].reduce((sum, [one, done]) => (one.name.includes('nter') ? sum + done : sum), 0);
        return checkBooks('main', bench, { kind: ticketsSold.number, plural: 'entries', count }, true);
      },
      stop: () => stage.stop(),
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

const entry = (id: string): EnterRaffleRequest =>
  EnterRaffleRequest.fromPartial({ id, userId: A_PLAYER, tickets: 3, idempotencyKey: A_KEY });

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
  const enter = (name: string, id: string): Case =>
    load(name, `${SERVICE}/EnterRaffle`, EnterRaffleRequest.encode(entry(id)).finish(), 64, {
      other: opening,
      by: 'rate',
    });
  const items = Array.from({ length: BATCH }, () => entry('plain'));
  const batch = BatchEnterRequest.encode({ items }).finish();
  return [
    opening,
    enter('EnterRaffle', 'plain'),
    enter('EnterRaffle, limit per player', 'capped'),
    load(`BatchEnter of ${BATCH}`, `${SERVICE}/BatchEnter`, batch, 4, { other: opening, by: 'rate' }),
  ];
}
