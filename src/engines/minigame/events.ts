import { MiniGamePlayed } from '../../../gen/ts/windfall/event/v1/event.ts';
import { defineEvent } from '../../events/index.ts';
import { outcomeMessages, pricePaid } from '../../prizes/index.ts';
import { firstMiniGamePlayed, miniGamePlayed } from './operations/play-mini-game.ts';

/** What webhooks and streams tell of mini-games. */
export const miniGameEvents = [
  defineEvent({
    type: 'mini_game.played',
    facts: [miniGamePlayed, firstMiniGamePlayed],
    message: 'windfall.event.v1.MiniGamePlayed',
    codec: MiniGamePlayed,
    view: ({ data, operationId }, names) => ({
      player: data.player,
      data: {
        playId: operationId,
        miniGameId: names.definition(data.definition),
        miniGameVersion: Number(data.version),
        userId: names.player(data.player).userId,
        outcome: outcomeMessages(data, (asset) => names.asset(asset))[0]![0],
        pricePaid: pricePaid(data, (asset) => names.asset(asset)),
        freePlay: data.freePlays > 0n,
      },
    }),
  }),
];
