/**
 * Pots: contributions of the second version to instances with three drawn pots, alone and with linked ones, each beside
 * the contribution to a jackpot with the same pots.
 */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { BatchContributeRequest, ContributeToJackpotRequest } from '../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { BatchContributeRequest as BatchPots, ContributeRequest } from '../../gen/ts/windfall/pots/v1/contribution.ts';
import { jackpotContributed } from '../../src/engines/jackpot/contributed.ts';
import { grpcApi } from '../support/api.ts';
import type { EnvoyProcess } from '../support/service.ts';
import { Callers } from '../support/callers.ts';
import { checkBooks } from './books.ts';
import type { Against, Case, Suite, SuiteOptions } from './case.ts';
import { makePlayers, meetPlayers, SERVICE_HEADERS } from './players.ts';
import { Stage, type Bench } from './stage.ts';
import { A_KEY, A_PLAYER } from './template.ts';

const SETTINGS = 'server: LANES 1, LOG_LEVEL warn; keys are UUIDv7; each contribution is paid by the operator';
const UNARY = new URL('drivers/unary.ts', import.meta.url);
const STREAM = new URL('drivers/stream.ts', import.meta.url);
const REST = new URL('drivers/rest.ts', import.meta.url);
const POTS = '/windfall.pots.v1.ContributionService';
const JACKPOTS = '/windfall.jackpot.v1.JackpotService';
const AIM = '≥ 0.8';
const LINKS = [0, 1, 4] as const;
const ODDS = 20_000;

const share = (id: string, part: number): JsonObject => ({
  id,
  contribution: { Percentage: part },
  seed_contribution: { Percentage: 0.1 },
  seed_strategy: { initial_seed_value: 10, min_reseed_value: 10 },
  pot_types: [{ HitRate: { max_magic_number: ODDS, cost_per_attempt: 0.5 } }],
});
const TEMPLATE: JsonObject = {
  id: 'bench',
  name: 'Bench',
  owner_id: 'demo',
  currency: 'USD',
  contribution_rules: { contribution_type: { Fixed: 0.5 }, operator_contribution_percentage: 1 },
  house_hold_contribution: { Percentage: 0.1 },
  pots: [share('mini', 0.3), share('major', 0.4), share('mega', 0.2)],
};
const SAME: JsonObject = {
  id: 'same-pots',
  asset: 'USD',
  win_selector: 'first',
  pots: [
    ['mini', '0.3'],
    ['major', '0.4'],
    ['mega', '0.2'],
  ].map(([id, fraction]) => ({
    id: id!,
    fraction: fraction!,
    seed: '10',
    seed_share: '0.1',
    win_rules: [{ hit_rate: { cost: '0.5', odds: String(ODDS) } }],
  })),
};

/** A jackpot, and instances with as many links each. @returns the ids of the instances. */
async function makeInstances({ server, databaseUrl }: Bench): Promise<ReadonlyMap<number, string>> {
  const api = grpcApi(server.address);
  try {
    const admin = await new Callers(api.call, databaseUrl).headers('admin', '');
    const call = async (rpc: string, request: JsonObject): Promise<any> => {
      const { status, body, reason } = await api.call(rpc, request, admin);
      if (status !== 'OK') throw new Error(`${rpc}: ${reason}`);
      return body;
    };
    await call('JackpotService.CreateJackpot', SAME);
    await call('TemplateService.SaveTemplate', { template: TEMPLATE });
    await call('TemplateService.PublishTemplate', { owner_id: 'demo', template_id: 'bench' });
    const instance = async (): Promise<string> => {
      const { id } = await call('TemplateService.InstantiateTemplate', {
        template_owner_id: 'demo',
        template_id: 'bench',
        instance_owner_id: 'demo',
        instance_name: randomUUID(),
      });
      await call('InstanceService.SetInstanceStatus', { instance_id: id, status: 'Active' });
      return id;
    };
    const made = new Map<number, string>();
    for (const count of LINKS) {
      const [id, links] = [await instance(), []] as [string, string[]];
      for (let i = 0; i < count; i++) links.push(await instance());
      await call('InstanceService.SetInstanceLinks', { instance_id: id, links });
      made.set(count, id);
    }
    return made;
  } finally {
    api.close();
  }
}

/** A service, and an Envoy before it. */
export async function start({ quick, say }: SuiteOptions): Promise<Suite> {
  const players = quick ? 2000 : 10_000;
  say(`making ${players.toLocaleString('en')} players`);
  const stage = await Stage.start((server) => makePlayers(server.address, players, 'USD', '1000'));
  try {
    const bench = await stage.serve(await stage.copy('main'));
    const instances = await makeInstances(bench);
    await meetPlayers(bench.server.address, players);
    const envoy = await stage.envoy(bench);
    const cases = [...nativeCases(bench, players, instances), ...restCases(bench, players, instances, envoy)];
    const facts = ({ name }: Case): number => 1 + Number(/(\d) linked/.exec(name)?.[1] ?? 0);
    return {
      cases,
      postmaster: stage.postmaster,
      settings: [await stage.settings(), SETTINGS],
      check: (items) => {
        const count = [...items].reduce((sum, [one, done]) => sum + done * facts(one), 0);
        return checkBooks('main', bench, { kind: jackpotContributed.number, plural: 'contributions', count }, true);
      },
      stop: () => stage.stop(),
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

const second = (id: string): ContributeRequest =>
  ContributeRequest.fromPartial({
    target: { targetType: 'instance', id },
    ownerId: 'demo',
    player: { id: A_PLAYER, token: 't', country: 'MT', brandId: 'main' },
    baseWager: { currency: 'USD', value: 1 },
    source: { sourceType: 'gameround', id: 'round' },
    idempotencyKey: A_KEY,
  });
const first = ContributeToJackpotRequest.fromPartial({
  id: 'same-pots',
  userId: A_PLAYER,
  amount: 0.5,
  idempotencyKey: A_KEY,
});
const many = <T>(one: T): { items: T[] } => ({ items: Array.from({ length: 100 }, () => one) });

interface Load {
  readonly name: string;
  readonly inFlight: number;
  readonly driver: URL;
  readonly options: object;
  readonly against?: Against;
}

function nativeCases(bench: Bench, playerCount: number, instances: ReadonlyMap<number, string>): Case[] {
  const { server, databaseUrl } = bench;
  const made = ({ options, ...load }: Load): Case => ({
    ...load,
    server: server.process.pid!,
    database: databaseUrl,
    options: { address: server.address, headers: SERVICE_HEADERS, playerCount, ...options },
  });
  const unary = (name: string, path: string, template: Uint8Array, against?: Against): Case =>
    made({ name, inFlight: 64, driver: UNARY, options: { path, template, batch: false }, ...(against && { against }) });
  const stream = (name: string, path: string, template: Uint8Array, against?: Against): Case =>
    made({ name, inFlight: 10, driver: STREAM, options: { path, template, batch: true }, ...(against && { against }) });
  const unary0 = unary(
    'jackpot, unary',
    `${JACKPOTS}/ContributeToJackpot`,
    ContributeToJackpotRequest.encode(first).finish(),
  );
  const stream0 = stream(
    'jackpot, stream 100 × 10',
    `${JACKPOTS}/StreamContributions`,
    BatchContributeRequest.encode(many(first)).finish(),
  );
  return [
    unary0,
    stream0,
    ...[...instances].flatMap(([links, id]) => {
      const aim = links === 0 ? { aim: AIM } : {};
      const [one, batch] = [ContributeRequest.encode(second(id)), BatchPots.encode(many(second(id)))];
      return [
        unary(`pots, unary, ${links} linked`, `${POTS}/Contribute`, one.finish(), {
          other: unary0,
          by: 'rate',
          ...aim,
        }),
        stream(`pots, stream 100 × 10, ${links} linked`, `${POTS}/StreamContributions`, batch.finish(), {
          other: stream0,
          by: 'rate',
          ...aim,
        }),
      ];
    }),
  ];
}

function restCases(
  { server, databaseUrl }: Bench,
  playerCount: number,
  instances: ReadonlyMap<number, string>,
  envoy: EnvoyProcess,
): Case[] {
  const made = (name: string, path: string, body: object, against?: Against): Case => ({
    name,
    inFlight: 64,
    driver: REST,
    server: server.process.pid!,
    envoy: envoy.pid,
    database: databaseUrl,
    options: {
      base: envoy.base,
      path,
      headers: SERVICE_HEADERS,
      template: Buffer.from(JSON.stringify(body)),
      playerCount,
    },
    ...(against === undefined ? {} : { against }),
  });
  const jackpot = made('jackpot, REST', '/v1/jackpots/same-pots/contribute', {
    user_id: A_PLAYER,
    amount: 0.5,
    idempotency_key: A_KEY,
  });
  const pots = [...instances].map(([links, id]) =>
    made(
      `pots, REST, ${links} linked`,
      '/v2/jackpots/contribute',
      {
        target: { type: 'instance', id },
        owner_id: 'demo',
        player: { id: A_PLAYER, token: 't', country: 'MT', brand_id: 'main' },
        base_wager: { currency: 'USD', value: 1 },
        source: { type: 'gameround', id: 'round' },
        options: { idempotency_key: A_KEY },
      },
      { other: jackpot, by: 'rate', ...(links === 0 ? { aim: AIM } : {}) },
    ),
  );
  return [jackpot, ...pots];
}
