import { TournamentServiceService } from '../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { readRowsById } from '../../journal/index.ts';
import { batchOf, streamOf } from '../../platform/index.ts';
import { defineEngine } from '../kit/index.ts';
import { tournaments } from './definition.ts';
import { tournamentEvents } from './events.ts';
import {
  entry,
  EntrySchema,
  points,
  PointsSchema,
  season,
  SeasonSchema,
  tournament,
  TournamentSchema,
} from './entities.ts';
import { cancelTournament, seasonCancelled } from './operations/cancel-tournament.ts';
import { closeTask, closeTournament, seasonClosed } from './operations/close-tournament.ts';
import { getLeaderboard } from './operations/get-leaderboard.ts';
import { joinTournament, tournamentJoined } from './operations/join-tournament.ts';
import { listSeasons } from './operations/list-seasons.ts';
import { submitScore, tournamentScored } from './operations/submit-score.ts';
import { watchLeaderboard } from './operations/watch-leaderboard.ts';
import { openSeasonTask } from './open-season.ts';
import { seasonOpened, tournamentOpened } from './opening.ts';
import { settling } from './settling.ts';

/** How many items of a stream may be in progress, as the contract says: four batches of a lane. */
const AHEAD = 2000;

/** Tournaments: players score, and the best of a season share its prize pool. */
export const tournamentEngine = defineEngine({
  name: 'tournament',
  block: 1400,
  service: TournamentServiceService,
  definition: tournaments,
  operations: {
    submitScore,
    batchScore: batchOf(TournamentServiceService.batchScore, submitScore, 'scored'),
    streamScores: streamOf(TournamentServiceService.streamScores, submitScore, 'scored', AHEAD),
    joinTournament,
    batchJoin: batchOf(TournamentServiceService.batchJoin, joinTournament, 'joined'),
    getLeaderboard,
    watchLeaderboard,
    listSeasons,
    closeTournament,
    cancelTournament,
  },
  entities: [TournamentSchema, SeasonSchema, EntrySchema, PointsSchema],
  tables: [tournament, season, entry, points],
  events: tournamentEvents,
  facts: [tournamentOpened, seasonOpened, tournamentJoined, tournamentScored, seasonClosed, seasonCancelled],
  draws: () => [],
  tasks: [openSeasonTask, closeTask, settling],
  account: {
    kind: 'escrow',
    async definitionsOf({ reads }, operator, owners) {
      const rows = await reads((em) => readRowsById(em, season, operator, owners));
      return new Map(rows.map(({ id, definitionId }) => [id, definitionId]));
    },
  },
});
