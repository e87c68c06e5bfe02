import { MiniGameServiceService } from '../../../gen/ts/windfall/minigame/v1/minigame.ts';
import { batchOf } from '../../platform/index.ts';
import { draftDraws, tableDraws } from '../../prizes/index.ts';
import { defineEngine } from '../kit/index.ts';
import { miniGames } from './definition.ts';
import { miniGameEvents } from './events.ts';
import { getMiniGameOdds } from './operations/get-mini-game-odds.ts';
import { simulateMiniGame } from './operations/simulate-mini-game.ts';
import { firstMiniGamePlayed, miniGamePlayed, playMiniGame } from './operations/play-mini-game.ts';

/** Wheels, scratch cards, plinko, prize drops, coin flips and match games: one prize table each. */
export const miniGameEngine = defineEngine({
  name: 'minigame',
  block: 1200,
  service: MiniGameServiceService,
  definition: miniGames,
  operations: {
    playMiniGame,
    batchPlay: batchOf(MiniGameServiceService.batchPlay, playMiniGame, 'played'),
    getMiniGameOdds,
    simulateMiniGame,
  },
  events: miniGameEvents,
  facts: [miniGamePlayed, firstMiniGamePlayed],
  draws: (sources) => [
    tableDraws(sources, miniGames, miniGamePlayed, ({ table }) => table!),
    draftDraws(firstMiniGamePlayed),
  ],
});
