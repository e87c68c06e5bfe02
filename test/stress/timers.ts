import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { seeded } from '../support/requests.ts';
import { auditTimers, type TimersAudit } from './timers-audit.ts';
import { startTwoServers, type TwoServers } from './two-servers.ts';

export interface TimersOptions {
  /** How many times a server is killed. */
  readonly kills: number;
  readonly seed: number;
  /** How many refunds and payees each drain has. */
  readonly payees: number;
  say(line: string): void;
}

export interface TimersReport extends TimersAudit {
  readonly kills: number;
  readonly waves: number;
  /** Calls that asked for what a timer does too, and how many different answers they got for one thing. */
  readonly asked: number;
  readonly contradictions: readonly string[];
}

/** What a wave leaves behind: ids of definitions, each of which has one effect. */
export interface Wave {
  readonly raffle: string;
  readonly cancelled: string;
  readonly tournament: string;
  readonly jackpot: string;
  /** A lootbox whose second version takes effect by timer. */
  readonly lootbox: string;
}

/** How many callers ask for each draw, close and cancellation, beside the timer. */
const CALLERS = 5;

/**
 * Waves of raffles, tournaments, jackpots and scheduled versions whose times come within seconds, while two servers are
 * killed with SIGKILL, one after the other. Callers ask for the same draws and closes. Afterwards each must have had
 * its effect once.
 */
export async function runTimers({ kills, seed, payees, say }: TimersOptions): Promise<TimersReport> {
  const random = seeded(seed);
  const world = await startTwoServers();
  try {
    const contradictions: string[] = [];
    const waves: Wave[] = [];
    let [killed, asked, ended] = [0, 0, false];
    const killing = (async () => {
      for (; killed < kills; killed++) {
        await sleep(random() * 300);
        await world.kill(killed % 2);
        if (killed % 50 === 49) say(`${killed + 1} kills, ${waves.length} waves`);
      }
      ended = true;
    })();
    while (!ended) {
      const wave = await makeWave(world, waves.length, payees, random);
      waves.push(wave);
      // Of every second wave only the timers see to the draws and closes.
      asked += await askForAll(world, wave, waves.length % 2 === 0, contradictions);
    }
    await killing;
    say(`${killed} kills, ${waves.length} waves; waiting for what is due`);
    return { kills: killed, waves: waves.length, asked, contradictions, ...(await auditTimers(world, waves, payees)) };
  } finally {
    await world.stop();
  }
}

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

async function makeWave(world: TwoServers, nth: number, payees: number, random: () => number): Promise<Wave> {
  const id = (kind: string): string => `${kind}-${nth}`;
  const soon = (): string => inMs(500 + random() * 3000);
  const create = (rpc: string, request: JsonObject): Promise<unknown> =>
    world.must('admin', rpc, { ...request, idempotency_key: `create-${String(request['id'])}` });
  const raffle = { ticket_asset: 'WINZ', ticket_cost: '0', prize_winz: 10 };
  await Promise.all([
    create('RaffleService.CreateRaffle', { ...raffle, id: id('raffle'), draw_time: soon() }),
    create('RaffleService.CreateRaffle', { ...raffle, id: id('cancelled'), ticket_cost: '1' }),
    create('TournamentService.CreateTournament', {
      id: id('tournament'),
      prize_pool: { asset: 'WINZ', amount: '1000' },
      points_per_usd: '1',
      prize_structure: [{ ranks: payees, percent: '100' }],
      // Later than any call is repeated while servers are down: a season that is over cannot be created.
      end_time: inMs(20_000 + random() * 5000),
    }),
    create('JackpotService.CreateJackpot', {
      id: id('jackpot'),
      asset: 'USD',
      pots: [{ id: 'timed', fraction: '1', seed: '1', win_rules: [{ must_drop_time: { seconds: 60 } }] }],
    }),
    create('LootboxService.CreateLootbox', { id: id('lootbox'), prizes: [{ segment_label: 'a', weight: 1 }] }),
  ]);
  await enterAll(world, nth, payees);
  await world.must('admin', 'LootboxService.UpdateLootbox', {
    id: id('lootbox'),
    name: 'by timer',
    effective_time: soon(),
    idempotency_key: `update-${nth}`,
  });
  return {
    raffle: id('raffle'),
    cancelled: id('cancelled'),
    tournament: id('tournament'),
    jackpot: id('jackpot'),
    lootbox: id('lootbox'),
  };
}

/** Tickets for the raffles, scores for the tournament, and a contribution to the jackpot. */
async function enterAll(world: TwoServers, nth: number, payees: number): Promise<void> {
  const numbers = Array.from({ length: payees }, (_, player) => player);
  const user = (player: number): string => `player-${player}`;
  if (nth === 0) {
    const items = numbers.map((player) => ({
      source: { kind: 'operator' },
      destination: { kind: 'player', user_id: user(player) },
      asset: 'WINZ',
      amount: '1000000',
      idempotency_key: `fund-${player}`,
    }));
    await world.must('service', 'LedgerService.BatchTransfer', { items });
  }
  const keyed = (kind: string) => (player: number) => ({
    id: `${kind}-${nth}`,
    user_id: user(player),
    idempotency_key: `${kind}-${nth}-${player}`,
  });
  await Promise.all([
    world.must('service', 'RaffleService.BatchEnter', {
      items: numbers.slice(0, 20).map((player) => ({ ...keyed('raffle')(player), tickets: 3 })),
    }),
    world.must('service', 'RaffleService.BatchEnter', {
      items: numbers.map((player) => ({ ...keyed('cancelled')(player), tickets: 2 })),
    }),
    world.must('service', 'TournamentService.BatchScore', {
      items: numbers.map((player) => ({ ...keyed('tournament')(player), wagered: player + 1 })),
    }),
    world.must('service', 'JackpotService.ContributeToJackpot', { ...keyed('jackpot')(0), amount: 1 }),
  ]);
}

/** Several callers at once ask for the cancellation, and for the draw and the close; each gets the same answer. */
async function askForAll(world: TwoServers, wave: Wave, all: boolean, contradictions: string[]): Promise<number> {
  const timed = [
    ['RaffleService.DrawRaffle', wave.raffle, 'draw_id'],
    ['TournamentService.CloseTournament', wave.tournament, 'close_id'],
  ] as const;
  const asks = [['RaffleService.CancelRaffle', wave.cancelled, 'cancel_id'] as const, ...(all ? timed : [])];
  await Promise.all(
    asks.map(async ([rpc, id, answer]) => {
      const bodies = await Promise.all(
        Array.from({ length: CALLERS }, (_, nth) => askWhenDue(world, rpc, { id, idempotency_key: `${id}-${nth}` })),
      );
      const answers = new Set(bodies.map((body) => body[answer]));
      if (answers.size !== 1 || answers.has(undefined))
        contradictions.push(`${rpc} of ${id}: ${[...answers].join(', ')}`);
    }),
  );
  return asks.length * CALLERS;
}

/** Asks again and again until the time has come, so that calls and the timer race. */
async function askWhenDue(world: TwoServers, rpc: string, request: JsonObject): Promise<any> {
  for (;;) {
    const { reason } = await world.ask('admin', rpc, request);
    if (reason !== 'RAFFLE_NOT_DUE') return world.must('admin', rpc, request);
    await sleep(50);
  }
}
