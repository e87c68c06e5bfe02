/**
 * Tournaments: scores of 10,000 players in a season of 1,000,000 entries, first scores, and parts of the ranking at
 * 10,000 and at 1,000,000 entries, and where a million entries have only a hundred values.
 */
import {
  BatchScoreRequest,
  GetLeaderboardRequest,
  SubmitScoreRequest,
} from '../../gen/ts/windfall/tournament/v1/tournament.ts';
import { tournamentScored } from '../../src/engines/tournament/operations/submit-score.ts';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { checkBooks } from './books.ts';
import type { Against, Case, Check, Suite, SuiteOptions } from './case.ts';
import { meetPlayers, SERVICE_HEADERS } from './players.ts';
import { Stage, type Bench } from './stage.ts';
import { A_KEY, A_PLAYER } from './template.ts';
import { fillEntries, fillPlayers, NAMED, wrongCounters } from './tournament-fill.ts';

const SETTINGS = 'server: LANES 1, LOG_LEVEL warn; keys are UUIDv7; in flight are calls or messages';
const SERVICE = '/windfall.tournament.v1.TournamentService';
const UNARY = new URL('drivers/unary.ts', import.meta.url);
const STREAM = new URL('drivers/stream.ts', import.meta.url);
const [RACE, NEW] = ['bench-race', 'bench-new'];
/** How many players score: they are remembered by the server, as those are who play. */
const ACTIVE = 10_000;

const score = (id: string): SubmitScoreRequest =>
  SubmitScoreRequest.fromPartial({ id, userId: A_PLAYER, wagered: 0.5, idempotencyKey: A_KEY });

/** Services on copies of one database, so that each load grows its own. */
export async function start({ quick, say }: SuiteOptions): Promise<Suite> {
  const [many, few] = quick ? [50_000, 5_000] : [1_000_000, 10_000];
  const named = Math.min(NAMED, many);
  say(`making two tournaments, and ${many.toLocaleString('en')} players by SQL`);
  const stage = await Stage.start(async (server) => {
    const api = grpcApi(server.address);
    const admin = await new Callers(api.call, '').headers('admin', '');
    for (const id of [RACE, NEW]) {
      const request = { id, prize_pool: { asset: 'WINZ', amount: '1000' } };
      const { reason } = await api.call('TournamentService.CreateTournament', request, admin);
      if (reason !== null) throw new Error(`no tournament: ${reason}`);
    }
    api.close();
  });
  try {
    await fillPlayers(stage.url, many);
    say(`filling entries in by SQL: ${many.toLocaleString('en')}, ${few.toLocaleString('en')}, and ties`);
    const [big, small, ties] = [await stage.copy('big'), await stage.copy('small'), await stage.copy('ties')];
    await fillEntries(big, RACE, { count: many, every: 1, points: 'spread' });
    await fillEntries(small, RACE, { count: few, every: 1, points: 'spread' });
    await fillEntries(ties, RACE, { count: many, every: 1, points: 'ties' });
    const serve = async (url: string, count: number): Promise<Bench> => {
      const bench = await stage.serve(url);
      await meetPlayers(bench.server.address, count);
      return bench;
    };
    say('meeting the players');
    const [bigBench, smallBench] = [await serve(big, named), await serve(small, Math.min(few, ACTIVE))];
    const tiesBench = await serve(ties, Math.min(few, ACTIVE));
    const writes = writeCases(bigBench, Math.min(ACTIVE, named), named);
    const reads = readCases(bigBench, smallBench, tiesBench, Math.min(few, ACTIVE));
    return {
      cases: [...writes, ...reads],
      postmaster: stage.postmaster,
      settings: [await stage.settings(), SETTINGS],
      check: async (items) => {
        const count = writes.reduce((sum, one) => sum + items.get(one)!, 0);
        const done = { kind: tournamentScored.number, plural: 'scores', count };
        return [...(await checkBooks('1M entries', bigBench, done, false)), await counted(big)];
      },
      stop: () => stage.stop(),
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

async function counted(url: string): Promise<Check> {
  const wrong = await wrongCounters(url);
  return { what: `${wrong} octaves are counted otherwise than their entries`, ok: wrong === 0 };
}

interface Load {
  readonly name: string;
  readonly driver: URL;
  readonly method: string;
  readonly template: Uint8Array;
  readonly playerCount: number;
  readonly batch: boolean;
  readonly inTurn?: boolean;
}

function loadCase(bench: Bench, load: Load, inFlight: number, against?: Against): Case {
  const { name, driver, method, ...options } = load;
  return {
    name,
    inFlight,
    driver,
    server: bench.server.process.pid!,
    database: bench.databaseUrl,
    options: { ...options, address: bench.server.address, path: `${SERVICE}/${method}`, headers: SERVICE_HEADERS },
    ...(against === undefined ? {} : { against }),
  };
}

function writeCases(bench: Bench, active: number, named: number): Case[] {
  const items = (id: string): Uint8Array =>
    BatchScoreRequest.encode({ items: Array.from({ length: 100 }, () => score(id)) }).finish();
  const [race, first] = [items(RACE), items(NEW)];
  const one = SubmitScoreRequest.encode(score(RACE)).finish();
  const unary = { driver: UNARY, method: 'SubmitScore', template: one, playerCount: active, batch: false };
  const batch = { driver: UNARY, method: 'BatchScore', template: race, playerCount: active, batch: true };
  const firsts = {
    driver: UNARY,
    method: 'BatchScore',
    template: first,
    playerCount: named,
    batch: true,
    inTurn: true,
  };
  return [
    ...[64, 256].map((inFlight) => loadCase(bench, { ...unary, name: 'unary' }, inFlight)),
    loadCase(bench, { ...batch, name: 'batch of 100' }, 10),
    loadCase(bench, { ...batch, name: 'stream, 100 × 10', driver: STREAM, method: 'StreamScores' }, 10),
    loadCase(bench, { ...firsts, name: 'first scores, batch of 100' }, 10),
  ];
}

function readCases(big: Bench, small: Bench, ties: Bench, playerCount: number): Case[] {
  const read = (bench: Bench, name: string, request: Partial<GetLeaderboardRequest>, other?: Case): Case => {
    const template = GetLeaderboardRequest.encode(GetLeaderboardRequest.fromPartial({ id: RACE, ...request })).finish();
    const load = { name, driver: UNARY, method: 'GetLeaderboard', template, playerCount, batch: false };
    return loadCase(bench, load, 1, other === undefined ? undefined : { other, by: 'rate', aim: '≥ 0.5' });
  };
  const [top, around] = [{ limit: 100 }, { limit: 11, aroundUserId: A_PLAYER }];
  const [fewTop, fewAround] = [read(small, 'top 100, few entries', top), read(small, 'around, few entries', around)];
  return [
    fewTop,
    read(big, 'top 100, many entries', top, fewTop),
    fewAround,
    read(big, 'around, many entries', around, fewAround),
    read(ties, 'around, many entries of 100 values', around, fewAround),
  ];
}
