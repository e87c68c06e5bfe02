import type { Caller, Write } from '../writes.ts';

const PRIZES = [
  { segment_label: 'a', asset: 'WINZ', amount: '1', weight: 1 },
  { segment_label: 'b', weight: 1 },
];
const game = (caller: Caller) =>
  caller.done('MiniGameService.CreateMiniGame', 'admin', { id: caller.id, kind: 'wheel', prizes: PRIZES });
const change = (caller: Caller) =>
  caller.done('MiniGameService.UpdateMiniGame', 'admin', { id: caller.id, name: 'Changed since', status: 'active' });
const after = (request: object) => async (caller: Caller) => {
  await game(caller);
  return { id: caller.id, ...request };
};

/** The writes of mini-games that take a key. */
export const MINI_GAME_WRITES: Readonly<Record<string, Write>> = {
  'MiniGameService.CreateMiniGame': {
    change,
    as: 'admin',
    operation: 'minigame.create',
    prepare: async ({ id }) => ({ id, kind: 'wheel', prizes: PRIZES, reason: 'new' }),
  },
  'MiniGameService.UpdateMiniGame': {
    change,
    as: 'admin',
    operation: 'minigame.update',
    prepare: after({ name: 'Second', status: 'paused' }),
  },
  'MiniGameService.ArchiveMiniGame': {
    change,
    as: 'admin',
    operation: 'minigame.archive',
    prepare: after({ reason: 'over' }),
  },
  'MiniGameService.PlayMiniGame': {
    change,
    as: 'service',
    operation: 'minigame.play',
    prepare: after({ user_id: 'r-player' }),
  },
};
