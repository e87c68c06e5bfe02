import { RaffleServiceService } from '../../../gen/ts/windfall/raffle/v1/raffle.ts';
import { readRowsById } from '../../journal/index.ts';
import { batchOf } from '../../platform/index.ts';
import { ticketPool } from '../../tickets/index.ts';
import { defineEngine } from '../kit/index.ts';
import { raffleClosed } from './close.ts';
import { raffles } from './definition.ts';
import { raffleEvents } from './events.ts';
import { firstRaffleDrawn, raffleDrawn } from './draw.ts';
import { drawTask } from './find-winners.ts';
import { cancelRaffle, raffleCancelled, refundTask } from './operations/cancel-raffle.ts';
import { drawRaffle } from './operations/draw-raffle.ts';
import { enterRaffle } from './operations/enter-raffle.ts';
import { listEntries } from './operations/list-entries.ts';
import { raffleDraws } from './proof.ts';

/** Numbered tickets in a pool, and winners that are drawn among them once. */
export const raffleEngine = defineEngine({
  name: 'raffle',
  block: 1300,
  service: RaffleServiceService,
  definition: raffles,
  operations: {
    enterRaffle,
    batchEnter: batchOf(RaffleServiceService.batchEnter, enterRaffle, 'entered'),
    drawRaffle,
    cancelRaffle,
    listEntries,
  },
  events: raffleEvents,
  facts: [raffleClosed, raffleDrawn, firstRaffleDrawn, raffleCancelled],
  draws: raffleDraws,
  tasks: [drawTask, refundTask],
  account: {
    kind: 'escrow',
    async definitionsOf({ reads }, operator, owners) {
      const rows = await reads((em) => readRowsById(em, ticketPool, operator, owners));
      return new Map(rows.map(({ id, definitionId }) => [id, definitionId]));
    },
  },
});
