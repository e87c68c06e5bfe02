import type { Entry } from './tenancy-things.ts';

/** What ends pots of archived jackpots. */
export const JACKPOT_END_ENTRIES: Readonly<Record<string, Entry>> = {
  'JackpotService.DrawPot': {
    names: ['jackpot'],
    request: async (scene) => ({
      id: await scene.endedJackpot(),
      pot_id: 'main',
      idempotency_key: scene.unique('draw'),
    }),
  },
  'JackpotService.TransferPot': {
    names: ['jackpot'],
    request: async (scene) => ({
      id: await scene.endedJackpot(),
      pot_id: 'main',
      to_jackpot_id: await scene.freshJackpot(),
      to_pot_id: 'main',
      idempotency_key: scene.unique('transfer'),
    }),
  },
};
