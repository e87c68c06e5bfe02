import type { JsonObject } from '@bufbuild/protobuf';
import { RAFFLE } from './definitions.ts';
import type { Scene } from './scene.ts';
import type { Entry } from './tenancy-things.ts';

const player = ({ player: user_id, brand: brand_id }: Scene): JsonObject => ({ user_id, brand_id });
const raffle = async (scene: Scene): Promise<JsonObject> => ({ id: await scene.raffle() });
const enter = async (scene: Scene): Promise<JsonObject> => ({
  ...(await raffle(scene)),
  ...player(scene),
  tickets: 1,
  idempotency_key: scene.unique('enter'),
});

/** The RPCs of raffles. */
export const RAFFLE_ENTRIES: Readonly<Record<string, Entry>> = {
  'RaffleService.ListRaffles': { names: [], request: async (scene) => (await scene.raffle(), { page_size: 500 }) },
  'RaffleService.GetRaffle': { names: ['raffle'], request: raffle },
  'RaffleService.ListEntries': {
    names: ['raffle'],
    request: async (scene) => ({ ...(await raffle(scene)), page_size: 500 }),
  },
  'RaffleService.EnterRaffle': { names: ['player', 'raffle'], request: enter, createsPlayer: true },
  'RaffleService.BatchEnter': {
    names: ['player', 'raffle'],
    request: async (scene) => ({ items: [await enter(scene)] }),
    createsPlayer: true,
  },
  'RaffleService.DrawRaffle': { names: ['raffle draw'], request: raffle },
  'RaffleService.CancelRaffle': { names: ['raffle'], request: raffle },
  'RaffleService.CreateRaffle': {
    names: [],
    request: (scene) => ({ ...RAFFLE, id: scene.unique('made') }),
    open: true,
  },
  'RaffleService.UpdateRaffle': {
    names: ['raffle'],
    request: async (scene) => ({ ...(await raffle(scene)), name: 'New' }),
  },
  'RaffleService.ListRaffleChanges': {
    names: ['raffle'],
    request: async (scene) => ({ ...(await raffle(scene)), page_size: 500 }),
  },
};
