import { MiniGameServiceService, type PlayMiniGameResponse } from '../../../../gen/ts/windfall/minigame/v1/minigame.ts';
import { write } from '../../../platform/index.ts';
import {
  definePlayed,
  outcomeMessages,
  playing,
  playInput,
  pricePaid,
  type PlayAnswer,
} from '../../../prizes/index.ts';
import { animationMessage } from '../animation.ts';
import { miniGames } from '../definition.ts';

/** A player has played a mini-game. */
export const miniGamePlayed = definePlayed('minigame.played', 1201, 2);
/** The same, from before its draws had records. */
export const firstMiniGamePlayed = definePlayed('minigame.played', 1201, 1);

/** Plays a mini-game once; the same request again returns the first answer. */
export const playMiniGame = write({
  method: MiniGameServiceService.playMiniGame,
  command: ({ keys }) => playing({ name: 'minigame.play', definition: miniGames, fact: miniGamePlayed }, keys),
  player: (request) => request,
  definition: miniGames,
  prepare: playInput,
  drawId: ({ playId }) => playId,
  respond: (answer, { platform: { tenants }, caller }) =>
    playedMessage(answer, (asset) => tenants.assetCode(caller.operator, asset)),
});

function playedMessage(
  { operationId, time, played, seeds, replayed }: PlayAnswer,
  assetCode: (asset: number) => string,
): Omit<PlayMiniGameResponse, 'receipt'> {
  const { rolls, shown } = played.plays[0]!;
  return {
    ...seeds,
    playId: operationId,
    outcome: outcomeMessages(played, assetCode)[0]![0],
    animation: animationMessage(rolls[0]!, shown),
    miniGameVersion: Number(played.version),
    pricePaid: pricePaid(played, assetCode),
    freePlay: played.freePlays > 0n,
    playTime: new Date(time / 1000),
    deduped: replayed,
  };
}
