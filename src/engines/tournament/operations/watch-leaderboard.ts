import {
  GetLeaderboardRequest,
  TournamentServiceService,
  type GetLeaderboardResponse,
  type WatchLeaderboardResponse,
} from '../../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { definition } from '../../../catalogue/index.ts';
import { aggregateName } from '../../../journal/index.ts';
import type { Caller, OperatorNo } from '../../../kernel/index.ts';
import type { Source } from '../../../live/index.ts';
import { read, type Platform } from '../../../platform/index.ts';
import { season, tournament, type SeasonRow } from '../entities.ts';
import { readLeaderboard } from './get-leaderboard.ts';

/** Seasons open, end and are settled in time, without a fact of the season that is watched. */
const REFRESH_MS = 5000;

interface Shown {
  readonly row: SeasonRow;
  readonly leaderboard: GetLeaderboardResponse;
}

/** Streams the leaderboard of a tournament's current season, the same for all watchers. */
export const watchLeaderboard = read(
  TournamentServiceService.watchLeaderboard,
  (platform) =>
    ({ id }, { caller: { operator }, signal }) =>
      // Each leaderboard is whole, so there is nothing to continue after an event.
      platform.live.watch<WatchLeaderboardResponse>(
        `${operator}/tournament/${id}`,
        () => sourceOf(platform, operator, id),
        '',
        signal,
      ),
);

async function sourceOf(platform: Platform, operator: OperatorNo, id: string): Promise<Source<Shown>> {
  const anyone: Caller = { role: 'anonymous', operator, brand: null, scopes: new Set(), userId: null, name: '' };
  const state = (): Promise<Shown> => readLeaderboard(platform, GetLeaderboardRequest.fromPartial({ id }), anyone);
  const { tournamentId, definitionId } = (await state()).row;
  return {
    operator,
    aggregate: aggregateName(tournament, tournamentId),
    others: ({ row }) => [aggregateName(definition, definitionId), aggregateName(season, row.id)],
    refreshMs: REFRESH_MS,
    kinds: [],
    state,
    recent: async () => ({ operations: [], complete: true }),
    heartbeat: { eventId: undefined, event: undefined } satisfies WatchLeaderboardResponse,
    showState: ({ row, leaderboard }): WatchLeaderboardResponse => ({
      eventId: `${row.number}-${row.sequence}`,
      event: { $case: 'leaderboard', value: leaderboard },
    }),
    announce() {
      throw new Error('a leaderboard announces nothing');
    },
  };
}
