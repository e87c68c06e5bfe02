/**
 * Journeys: events of 10,000 players, beside OpenLootbox. Each event that advances is one step of a journey of fifty;
 * the others affect nothing, or come among five hundred journeys of other triggers.
 */
import { journeyAdvanced } from '../../src/engines/journey/operations/fire-event.ts';
import { BatchFireEventRequest, FireEventRequest } from '../../gen/ts/windfall/journey/v1/journey.ts';
import { OpenLootboxRequest } from '../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { checkBooks } from './books.ts';
import type { Against, Case, Suite, SuiteOptions } from './case.ts';
import { makePlayers, meetPlayers, SERVICE_HEADERS } from './players.ts';
import { Stage, type Bench } from './stage.ts';
import { A_KEY, A_PLAYER } from './template.ts';

const SETTINGS = 'server: LANES 1, LOG_LEVEL warn; keys are UUIDv7';
const UNARY = new URL('drivers/unary.ts', import.meta.url);
const SERVICE = '/windfall.journey.v1.JourneyService';
const BATCH = 100;
/** The most steps that a journey can have. */
const STEPS = 50;
const OTHERS = 500;
/** Each case that advances has a journey of its own. */
const ADVANCING = ['unary', 'batch'];

const event = (trigger: string): FireEventRequest =>
  FireEventRequest.fromPartial({ userId: A_PLAYER, trigger, idempotencyKey: A_KEY });

async function makeJourneys(bench: Bench, wanted: readonly { readonly id: string; readonly steps: object[] }[]) {
  const api = grpcApi(bench.server.address);
  try {
    const admin = await new Callers(api.call, bench.databaseUrl).headers('admin', '');
    for (const { id, steps } of wanted) {
      const { status } = await api.call('JourneyService.CreateJourney', { id, steps } as never, admin);
      if (status !== 'OK') throw new Error(`journey ${id}: ${status}`);
    }
  } finally {
    api.close();
  }
}

/** Services on two copies of one database: one of them has many other journeys. */
export async function start({ quick, say }: SuiteOptions): Promise<Suite> {
  const playerCount = quick ? 2000 : 10_000;
  say(`making ${playerCount.toLocaleString('en')} players`);
  const stage = await Stage.start((server) => makePlayers(server.address, playerCount, 'WINZ', '1000000'));
  try {
    const serve = async (name: string): Promise<Bench> => {
      const bench = await stage.serve(await stage.copy(name));
      const steps = (trigger: string): object[] => Array.from({ length: STEPS }, () => ({ trigger }));
      await makeJourneys(
        bench,
        ADVANCING.map((id) => ({ id, steps: steps(id) })),
      );
      await meetPlayers(bench.server.address, playerCount);
      return bench;
    };
    const [main, crowded] = [await serve('main'), await serve('crowded')];
    say(`making ${OTHERS} other journeys`);
    await makeJourneys(
      crowded,
      Array.from({ length: OTHERS }, (_, i) => ({ id: `other-${i}`, steps: [{ trigger: `other-${i}` }] })),
    );
    const cases = [...casesOf(main, playerCount), ...crowdedCases(main, crowded, playerCount)];
    const advanced = (items: ReadonlyMap<Case, number>, { server }: Bench) => ({
      kind: journeyAdvanced.number,
      plural: 'steps',
      count: [...items].reduce(
        (sum, [one, count]) => (one.server === server.process.pid && one.name.includes('advances') ? sum + count : sum),
        0,
      ),
    });
    return {
      cases,
      postmaster: stage.postmaster,
      settings: [await stage.settings(), SETTINGS],
      check: async (items) => [
        ...(await checkBooks('main', main, advanced(items, main), true)),
        ...(await checkBooks('crowded', crowded, advanced(items, crowded), true)),
      ],
      stop: () => stage.stop(),
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

interface Load {
  readonly name: string;
  readonly path: string;
  readonly template: Uint8Array;
  readonly inFlight: number;
  readonly batch?: boolean;
  readonly against?: Against;
}

function caseOf({ server, databaseUrl }: Bench, playerCount: number, load: Load): Case {
  const { name, path, template, inFlight, batch = false, against } = load;
  return {
    name,
    inFlight,
    driver: UNARY,
    server: server.process.pid!,
    database: databaseUrl,
    options: { address: server.address, path, headers: SERVICE_HEADERS, template, playerCount, batch },
    ...(against === undefined ? {} : { against }),
  };
}

const unary = (name: string, trigger: string, more: Partial<Load> = {}): Load => ({
  name,
  path: `${SERVICE}/FireEvent`,
  template: FireEventRequest.encode(event(trigger)).finish(),
  inFlight: 64,
  ...more,
});

const batch = (name: string, trigger: string, more: Partial<Load> = {}): Load => ({
  name,
  path: `${SERVICE}/BatchFireEvent`,
  template: BatchFireEventRequest.encode({ items: Array.from({ length: BATCH }, () => event(trigger)) }).finish(),
  inFlight: 4,
  batch: true,
  ...more,
});

function casesOf(bench: Bench, playerCount: number): Case[] {
  const box = OpenLootboxRequest.fromPartial({ id: 'gold-box', userId: A_PLAYER, idempotencyKey: A_KEY });
  const open = caseOf(bench, playerCount, {
    name: 'OpenLootbox',
    path: '/windfall.lootbox.v1.LootboxService/OpenLootbox',
    template: OpenLootboxRequest.encode(box).finish(),
    inFlight: 64,
  });
  const against: Against = { other: open, by: 'rate' };
  const loads = [
    unary('FireEvent, advances', 'unary', { against }),
    unary('FireEvent, no step waits for it', 'first_deposit', { against }),
    unary('FireEvent, no journey has it', 'nothing', { against }),
    batch(`BatchFireEvent of ${BATCH}, advances`, 'batch', { against }),
    batch(`BatchFireEvent of ${BATCH}, no journey has it`, 'nothing', { against }),
  ];
  return [open, ...loads.map((load) => caseOf(bench, playerCount, load))];
}

/** The same load where there are many journeys that do not have the trigger. */
function crowdedCases(main: Bench, crowded: Bench, playerCount: number): Case[] {
  const few = caseOf(main, playerCount, batch(`BatchFireEvent of ${BATCH}, 3 journeys`, 'first_deposit'));
  const name = `BatchFireEvent of ${BATCH}, ${OTHERS} other journeys`;
  const against: Against = { other: few, by: 'rate', aim: '≥ 0.9' };
  return [few, caseOf(crowded, playerCount, batch(name, 'first_deposit', { against }))];
}
