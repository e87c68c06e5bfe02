/**
 * Watchers of one jackpot: what they cost the contributions that they see, over gRPC and over REST, and how soon all of
 * them know of a hit.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchContributeRequest } from '../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { jackpotContributed } from '../../src/engines/jackpot/contributed.ts';
import { grpcApi } from '../support/api.ts';
import { checkBooks } from './books.ts';
import type { Case, Check, Suite, SuiteOptions } from './case.ts';
import { ITEMS, type WatchedOptions } from './drivers/watched.ts';
import { makeJackpots, ONE } from './jackpot-template.ts';
import { makePlayers, meetPlayers, SERVICE_HEADERS } from './players.ts';
import { Stage, type Bench } from './stage.ts';
import { A_KEY, A_PLAYER, playerName } from './template.ts';
import { Watchers, type WatchersOrder } from './watchers.ts';

const DRIVER = new URL('drivers/watched.ts', import.meta.url);
const IN_FLIGHT = 4;

export async function start({ quick, say }: SuiteOptions): Promise<Suite> {
  const [players, watchers] = quick ? [2000, 1000] : [10_000, 10_000];
  say(`making ${players.toLocaleString('en')} players`);
  const stage = await Stage.start(async (server) => {
    await makePlayers(server.address, players, 'USD', '10000000');
    await makeJackpots(server.address);
  });
  try {
    const bench = await stage.serve(await stage.copy('main'));
    await meetPlayers(bench.server.address, players);
    const envoy = await stage.envoy(bench);
    const direct = { base: `http://${bench.server.address}`, jackpot: ONE, rest: false };
    const rest = { base: envoy.base, jackpot: ONE, rest: true };
    return {
      cases: casesOf(bench, { players, watchers, direct, rest, envoyPid: envoy.pid }),
      postmaster: stage.postmaster,
      settings: [
        await stage.settings(),
        'server: LANES 1, LOG_LEVEL warn; watchers are held by a process of their own',
      ],
      check: async (items) => [
        ...(await checkBooks(
          'main',
          bench,
          {
            kind: jackpotContributed.number,
            plural: 'contributions',
            count: [...items.values()].reduce((sum, count) => sum + count, 0),
          },
          true,
        )),
        await hitReaches(bench, { watchers, target: direct }),
        await hitReaches(bench, { watchers, target: rest }),
      ],
      stop: () => stage.stop(),
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

interface Watched {
  readonly players: number;
  readonly watchers: number;
  readonly direct: WatchersOrder['target'];
  readonly rest: WatchersOrder['target'];
  readonly envoyPid: number;
}

function casesOf({ server, databaseUrl }: Bench, { players, watchers, direct, rest, envoyPid }: Watched): Case[] {
  const one = {
    id: ONE,
    userId: A_PLAYER,
    brandId: '',
    sourceWagerId: '',
    amount: 0.5,
    idempotencyKey: A_KEY,
    receipt: false,
  };
  const template = BatchContributeRequest.encode({ items: Array.from({ length: ITEMS }, () => one) }).finish();
  const load = (name: string, watching: WatchersOrder, perSecond: number): Case => {
    const options: WatchedOptions = {
      address: server.address,
      path: '/windfall.jackpot.v1.JackpotService/StreamContributions',
      headers: SERVICE_HEADERS,
      template,
      playerCount: players,
      batch: true,
      watching,
      perSecond,
    };
    return { name, inFlight: IN_FLIGHT, driver: DRIVER, options, server: server.process.pid!, database: databaseUrl };
  };
  const many = watchers.toLocaleString('en');
  return [10_000, 0].flatMap((perSecond): Case[] => {
    const what = perSecond === 0 ? 'as many as possible' : `${perSecond.toLocaleString('en')}/s`;
    const alone = load(`${what}, nobody watches`, { watchers: 0, target: direct }, perSecond);
    const against = { other: alone, by: 'rate', aim: '≥ 0.95' } as const;
    return [
      alone,
      { ...load(`${what}, ${many} watch`, { watchers, target: direct }, perSecond), against },
      { ...load(`${what}, ${many} watch over REST`, { watchers, target: rest }, perSecond), against, envoy: envoyPid },
    ];
  });
}

/** How long it takes until a hit has reached all watchers. */
async function hitReaches({ server }: Bench, order: WatchersOrder): Promise<Check> {
  const watchers = new Watchers();
  const { call, close } = grpcApi(server.address);
  try {
    await watchers.hold(order);
    const { hits: before } = await watchers.count();
    const request = {
      id: ONE,
      winner_user_id: playerName(0),
      reason: 'bench',
      idempotency_key: `hit ${order.target.base}`,
    };
    const { status } = await call('JackpotService.DropJackpot', request, SERVICE_HEADERS);
    const started = performance.now();
    let first: number | null = null;
    let count = await watchers.count();
    while (count.hits - before < order.watchers && performance.now() - started < 30_000) {
      if (count.hits > before) first ??= performance.now() - started;
      await sleep(5);
      count = await watchers.count();
    }
    const took = Math.round(performance.now() - started);
    const over = order.target.rest ? 'REST' : 'gRPC';
    const { ended } = count;
    const hits = count.hits - before;
    return {
      what:
        `a hit reached ${hits} of ${order.watchers} watchers over ${over}: ` +
        `the first after ${Math.round(first ?? took)} ms, all after ${took} ms`,
      ok: status === 'OK' && hits === order.watchers && ended === 0,
    };
  } finally {
    watchers.end();
    close();
  }
}
