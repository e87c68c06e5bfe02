import type { MiniGameDefinition } from '../../../../gen/ts/windfall/facts/v1/minigame.ts';
import { MiniGameServiceService } from '../../../../gen/ts/windfall/minigame/v1/minigame.ts';
import { read } from '../../../platform/index.ts';
import { simulatePlays } from '../../../prizes/index.ts';
import { contentOf } from '../../kit/index.ts';
import { miniGames } from '../definition.ts';

/** Simulates plays of a version, or of a definition that is not published. */
export const simulateMiniGame = read(
  MiniGameServiceService.simulateMiniGame,
  (platform) =>
    async function* (request, { caller, signal }) {
      const { table } = await contentOf<MiniGameDefinition>(platform, miniGames, request, caller);
      yield* simulatePlays(table!, request, signal);
    },
);
