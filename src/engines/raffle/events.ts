import { RaffleDrawn } from '../../../gen/ts/windfall/event/v1/event.ts';
import { defineEvent } from '../../events/index.ts';
import { rewardMessage } from '../../rewards/index.ts';
import { ticketPool } from '../../tickets/index.ts';
import { firstRaffleDrawn, raffleDrawn } from './draw.ts';

/** How many winners an event has. */
const SHOWN = 100;

/** What webhooks and streams tell of raffles. */
export const raffleEvents = [
  defineEvent({
    type: 'raffle.drawn',
    facts: [raffleDrawn, firstRaffleDrawn],
    message: 'windfall.event.v1.RaffleDrawn',
    codec: RaffleDrawn,
    view: ({ data: { tickets, winners }, operationId, aggregate }, names) => ({
      data: {
        tickets,
        drawId: operationId,
        raffleId: names.definition(names.row(ticketPool, aggregate).definitionId),
        winners: winners.slice(0, SHOWN).map(({ ticket, player, reward, withheld }) => ({
          ...names.player(player),
          ticket,
          withheld,
          reward: rewardMessage(reward!),
        })),
        winnerCount: winners.length,
      },
    }),
  }),
];
