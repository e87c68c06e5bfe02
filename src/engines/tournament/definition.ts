import { TournamentDefinition } from '../../../gen/ts/windfall/facts/v1/tournament.ts';
import type {
  CreateTournamentRequest,
  Tournament as TournamentMessage,
  UpdateTournamentRequest,
} from '../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { defineDefinition } from '../../catalogue/index.ts';
import type { Tournament } from './bound.ts';
import { tournament } from './entities.ts';
import { newTournament, updatedTournament } from './input.ts';
import { opening, openSeasonOrder } from './opening.ts';
import { tournamentMessage } from './view.ts';

const NOTHING_DRAWN = new Uint8Array();

/** Tournaments' definitions: the asset, and whether there is a schedule, never change. */
export const tournaments = defineDefinition<
  TournamentDefinition,
  Tournament,
  CreateTournamentRequest,
  UpdateTournamentRequest,
  Partial<TournamentMessage>
>({
  engine: 'tournament',
  nouns: { one: 'Tournament', many: 'Tournaments' },
  reasons: { notFound: 'TOURNAMENT_NOT_FOUND', notActive: 'TOURNAMENT_NOT_ACTIVE' },
  format: 1,
  encode: (content) => TournamentDefinition.encode(content).finish(),
  read: (_, bytes) => TournamentDefinition.decode(bytes),
  create: newTournament,
  update: updatedTournament,
  configHash: () => NOTHING_DRAWN,
  bind: ({ content, ...name }, tenant) => ({
    ...name,
    content,
    id: Number(content.tournament),
    asset: tenant.assetNo(content.asset),
  }),
  show: ({ content }, { rows }) => tournamentMessage(content, rows.row(tournament, Number(content.tournament))),
  shows: (content) => [[tournament, Number(content.tournament)]],
  locks: (content) => [[tournament, Number(content.tournament)]],
  opening,
  ordersOf: (content, rows) => {
    const { id, nextAt } = rows.row(tournament, Number(content.tournament));
    return openSeasonOrder(id, nextAt);
  },
});
