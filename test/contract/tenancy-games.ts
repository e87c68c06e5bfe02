import type { JsonObject } from '@bufbuild/protobuf';
import { GAME } from './definitions.ts';
import type { Scene } from './scene.ts';
import type { Entry } from './tenancy-things.ts';

const game = async (scene: Scene): Promise<JsonObject> => ({ id: await scene.miniGame() });
const play = async (scene: Scene): Promise<JsonObject> => ({
  ...(await game(scene)),
  user_id: scene.player,
  brand_id: scene.brand,
  idempotency_key: scene.unique('play'),
});

/** See tenancy-table.ts. */
export const MINI_GAME_ENTRIES: Readonly<Record<string, Entry>> = {
  'MiniGameService.ListMiniGames': {
    names: [],
    request: async (scene) => (await scene.miniGame(), { page_size: 500 }),
  },
  'MiniGameService.GetMiniGame': { names: ['mini-game'], request: game },
  'MiniGameService.GetMiniGameOdds': { names: ['mini-game'], request: game },
  'MiniGameService.SimulateMiniGame': {
    names: ['mini-game'],
    request: async (scene) => ({ ...(await game(scene)), plays: 10 }),
  },
  'MiniGameService.PlayMiniGame': { names: ['player', 'mini-game'], request: play, createsPlayer: true },
  'MiniGameService.BatchPlay': {
    names: ['player', 'mini-game'],
    request: async (scene) => ({ items: [await play(scene)] }),
    createsPlayer: true,
  },
  'MiniGameService.CreateMiniGame': {
    names: [],
    request: (scene) => ({ ...GAME, id: scene.unique('made') }),
    open: true,
  },
  'MiniGameService.UpdateMiniGame': {
    names: ['mini-game'],
    request: async (scene) => ({ ...(await game(scene)), name: 'New' }),
  },
  'MiniGameService.ArchiveMiniGame': { names: ['mini-game'], request: game },
  'MiniGameService.ListMiniGameChanges': {
    names: ['mini-game'],
    request: async (scene) => ({ ...(await game(scene)), page_size: 500 }),
  },
};
