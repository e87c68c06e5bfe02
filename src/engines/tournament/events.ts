import { TournamentClosed } from '../../../gen/ts/windfall/event/v1/event.ts';
import { defineEvent } from '../../events/index.ts';
import { formatDecimal } from '../../kernel/index.ts';
import { season as seasons } from './entities.ts';
import { seasonClosed } from './operations/close-tournament.ts';

/** What webhooks and streams tell of tournaments. */
export const tournamentEvents = [
  defineEvent({
    type: 'tournament.closed',
    facts: [seasonClosed],
    message: 'windfall.event.v1.TournamentClosed',
    codec: TournamentClosed,
    view({ data: { season, pool, distributed, payees }, operationId, aggregate }, names) {
      const { definitionId, asset } = names.row(seasons, aggregate);
      return {
        data: {
          closeId: operationId,
          tournamentId: names.definition(definitionId),
          season: Number(season),
          asset: names.asset(asset),
          pool: formatDecimal(pool),
          distributed: formatDecimal(distributed),
          prizeCount: payees,
        },
      };
    },
  }),
];
