import type { MiniGameDefinition } from '../../../../gen/ts/windfall/facts/v1/minigame.ts';
import { MiniGameServiceService, type MiniGame } from '../../../../gen/ts/windfall/minigame/v1/minigame.ts';
import { read } from '../../../platform/index.ts';
import { oddsMessage } from '../../../prizes/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { miniGames } from '../definition.ts';

/** Returns the exact odds and the expected value of one play. */
export const getMiniGameOdds = read(MiniGameServiceService.getMiniGameOdds, (platform) => async (request, context) => {
  const { shown, state, message } = await getDefinition<MiniGameDefinition, Partial<MiniGame>>(
    platform,
    miniGames,
    request,
    context.caller,
  );
  context.tag(state);
  const { code, version, configHash, content } = shown;
  return { version, configHash, id: code, prizes: message().prizes ?? [], ...oddsMessage(content.table!) };
});
