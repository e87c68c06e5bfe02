/**
 * Jackpots: contributions of 10,000 players, to one jackpot and to a hundred, paid by the operator and by the players.
 */
import { credentials } from '@grpc/grpc-js';
import {
  BatchContributeRequest,
  ContributeToJackpotRequest,
  ContributeToJackpotResponse,
  JackpotServiceClient,
} from '../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { jackpotContributed } from '../../src/engines/jackpot/contributed.ts';
import { checkBooks } from './books.ts';
import type { Against, Case, Suite, SuiteOptions } from './case.ts';
import type { SqlOptions } from './bare-sql.ts';
import { fillContributions, fillKeys } from './jackpot-history.ts';
import { makeJackpots, ONE, PAID, DRAWN } from './jackpot-template.ts';
import type { NaiveOptions } from './jackpot-naive.ts';
import { call, makePlayers, meetPlayers, SERVICE_HEADERS } from './players.ts';
import { Stage, type Bench } from './stage.ts';
import { A_JACKPOT, A_KEY, A_PLAYER, playerName } from './template.ts';

const SETTINGS = 'server: LANES 1, LOG_LEVEL warn; keys are UUIDv7; in flight are calls or messages';
const SERVICE = '/windfall.jackpot.v1.JackpotService';
const UNARY = new URL('drivers/unary.ts', import.meta.url);
const STREAM = new URL('drivers/stream.ts', import.meta.url);
const SQL = new URL('jackpot-sql.ts', import.meta.url);
const NAIVE = new URL('jackpot-naive.ts', import.meta.url);

const contribution = (id: string): ContributeToJackpotRequest => ({
  id,
  userId: A_PLAYER,
  brandId: '',
  sourceWagerId: '',
  amount: 0.5,
  idempotencyKey: A_KEY,
  receipt: false,
});

interface PlayedBench extends Bench {
  readonly playerCount: number;
}

/** Services on copies of one database, so that each load grows its own database. */
export async function start({ quick, say }: SuiteOptions): Promise<Suite> {
  const [players, history] = quick ? [2000, 20_000] : [10_000, 10_000_000];
  let answerBytes = 0;
  say(`making ${players.toLocaleString('en')} players and 103 jackpots`);
  const stage = await Stage.start(async (server) => {
    await makePlayers(server.address, players, 'USD', '10000000');
    await makeJackpots(server.address);
    answerBytes = await answerSize(server.address);
  });
  try {
    const serve = async (url: string): Promise<PlayedBench> => {
      const bench = await stage.serve(url);
      await meetPlayers(bench.server.address, players);
      return { ...bench, playerCount: players };
    };
    const databases = await pasts(stage, history, say);
    const main = await serve(databases.main);
    const [young, ordered, random] = [
      await serve(databases.young),
      await serve(databases.ordered),
      await serve(databases.random),
    ];
    const yardsticks = yardstickCases(databases.bare);
    const contributed = (items: ReadonlyMap<Case, number>, { server }: Bench, before: number) => ({
      kind: jackpotContributed.number,
      plural: 'contributions',
      count: [...items].reduce((sum, [one, count]) => (one.server === server.process.pid ? sum + count : sum), before),
    });
    return {
      cases: [
        ...yardsticks,
        ...(await unaryCases(stage, main, answerBytes)),
        ...chunkCases(main, yardsticks),
        ...historyCases(young, ordered, random, history),
      ],
      postmaster: stage.postmaster,
      settings: [await stage.settings(), SETTINGS],
      check: async (items) => [
        ...(await checkBooks('main', main, contributed(items, main, 1), true)),
        ...(await checkBooks('no history', young, contributed(items, young, 1), true)),
        ...(await checkBooks('history', ordered, contributed(items, ordered, 1 + history), false)),
        ...(await checkBooks('history, random keys', random, contributed(items, random, 1 + history), false)),
      ],
      stop: () => stage.stop(),
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

async function pasts(stage: Stage, history: number, say: (line: string) => void) {
  const [main, young, bare] = [await stage.copy('main'), await stage.copy('young'), await stage.copy('bare')];
  say(`filling ${history.toLocaleString('en')} earlier contributions in by SQL, twice`);
  const [ordered, random] = [await stage.copy('ordered'), await stage.copy('random')];
  for (const url of [ordered, random]) {
    await fillContributions(url, history);
    await fillKeys(url, history, url === random);
  }
  return { main, young, bare, ordered, random };
}

/** Contributes once; returns how long the answer is. */
async function answerSize(address: string): Promise<number> {
  const client = new JackpotServiceClient(address, credentials.createInsecure());
  const answer = await call(client, 'contributeToJackpot', {
    ...contribution(ONE),
    userId: playerName(0),
    idempotencyKey: '',
    receipt: false,
  });
  client.close();
  return ContributeToJackpotResponse.encode(answer as ContributeToJackpotResponse).finish().length;
}

function yardstickCases(databaseUrl: string): readonly [Case, Case] {
  const sql: SqlOptions = { databaseUrl, connections: 1, locks: true };
  const naive: NaiveOptions = { databaseUrl, connections: 16 };
  return [
    { name: 'bare SQL, 512 a batch', inFlight: 1, driver: SQL, options: sql },
    { name: 'naive transactions', inFlight: 16, driver: NAIVE, options: naive },
  ];
}

async function unaryCases(stage: Stage, bench: PlayedBench, answerBytes: number): Promise<Case[]> {
  const echo = await stage.echo(`${SERVICE}/ContributeToJackpot`, answerBytes);
  const both = (inFlight: number, jackpot: string, name: string): Case[] => {
    const direct = loadCase(bench, { name, driver: UNARY, method: 'ContributeToJackpot', jackpot, items: 1 }, inFlight);
    const plain: Case = {
      name: `echo, for ${name}`,
      inFlight,
      driver: UNARY,
      server: echo.pid,
      options: { ...direct.options, address: echo.address },
    };
    const aim = inFlight === 64 && jackpot === ONE ? { aim: '≥ 0.6' } : {};
    return [plain, { ...direct, against: { other: plain, by: 'rate', ...aim } }];
  };
  return [
    ...[16, 64, 256, 1000].flatMap((inFlight) => both(inFlight, ONE, 'unary')),
    ...both(64, PAID, 'unary, paid by players'),
  ];
}

interface Load {
  readonly name: string;
  readonly driver: URL;
  readonly method: string;
  readonly jackpot: string;
  readonly items: number;
  readonly randomKeys?: boolean;
}

function loadCase(
  bench: PlayedBench,
  { name, driver, method, jackpot, items, randomKeys }: Load,
  inFlight: number,
  against?: Against,
): Case {
  const { server, databaseUrl, playerCount } = bench;
  const batch = method !== 'ContributeToJackpot';
  const one = contribution(jackpot);
  const template = batch
    ? BatchContributeRequest.encode({ items: Array.from({ length: items }, () => one) }).finish()
    : ContributeToJackpotRequest.encode(one).finish();
  return {
    name,
    inFlight,
    driver,
    server: server.process.pid!,
    database: databaseUrl,
    options: {
      address: server.address,
      path: `${SERVICE}/${method}`,
      headers: SERVICE_HEADERS,
      template,
      playerCount,
      batch,
      randomKeys,
    },
    ...(against === undefined ? {} : { against }),
  };
}

function chunkCases(bench: PlayedBench, [bare, naive]: readonly [Case, Case]): Case[] {
  const stream = (name: string, jackpot: string, items: number, messages: number, against?: Against): Case =>
    loadCase(
      bench,
      { name: `${name}, ${items} × ${messages}`, driver: STREAM, method: 'StreamContributions', jackpot, items },
      messages,
      against,
    );
  const toBare: Against = { other: bare, by: 'rate', aim: '≥ 0.6' };
  const toNaive: Against = { other: naive, by: 'rate', aim: '≥ 15' };
  return [
    loadCase(
      bench,
      { name: 'batch of 100', driver: UNARY, method: 'BatchContribute', jackpot: ONE, items: 100 },
      10,
      toBare,
    ),
    ...[16, 64, 256, 1000].map((messages) => stream('stream', ONE, 1, messages, toNaive)),
    stream('stream', ONE, 64, 4, toNaive),
    stream('stream', ONE, 100, 10, toBare),
    stream('stream, 100 jackpots', A_JACKPOT, 64, 4, toNaive),
    stream('stream, 100 jackpots', A_JACKPOT, 100, 10, toBare),
    stream('stream, paid by players', PAID, 1, 256, toNaive),
    stream('stream, paid by players', PAID, 64, 4, toNaive),
    stream('stream, paid by players', PAID, 100, 10, toBare),
    stream('stream, three pots drawn', DRAWN, 64, 4, toNaive),
    stream('stream, three pots drawn', DRAWN, 100, 10, toBare),
  ];
}

function historyCases(young: PlayedBench, ordered: PlayedBench, random: PlayedBench, history: number): Case[] {
  const chunks = (bench: PlayedBench, name: string, randomKeys: boolean, against?: Against): Case =>
    loadCase(
      bench,
      { name, driver: STREAM, method: 'StreamContributions', jackpot: ONE, items: 100, randomKeys },
      10,
      against,
    );
  const past = `after ${history.toLocaleString('en')}`;
  const none = chunks(young, 'stream, 100 × 10, no history', false);
  return [
    none,
    chunks(ordered, `stream, 100 × 10, ${past}`, false, { other: none, by: 'rate', aim: '≥ 0.9' }),
    chunks(random, `stream, 100 × 10, ${past}, random keys`, true, { other: none, by: 'rate', aim: '≥ 0.6' }),
  ];
}
