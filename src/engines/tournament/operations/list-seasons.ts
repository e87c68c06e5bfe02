import type { TournamentDefinition } from '../../../../gen/ts/windfall/facts/v1/tournament.ts';
import { TournamentServiceService } from '../../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { readRows } from '../../../journal/index.ts';
import { pageOf, positionNumber } from '../../../kernel/index.ts';
import { read } from '../../../platform/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { tournaments } from '../definition.ts';
import { settlementsOf } from '../ending.ts';
import { season as seasons } from '../entities.ts';
import { seasonMessage } from '../view.ts';

/** Lists the seasons of a tournament, newest first. */
export const listSeasons = read(TournamentServiceService.listSeasons, (platform) => async (request, { caller }) => {
  const { operator } = caller;
  const named = { id: request.id, version: 0 };
  const { shown } = await getDefinition<TournamentDefinition, object>(platform, tournaments, named, caller);
  const tournament = Number(shown.content.tournament);
  const { items, nextPageToken } = await pageOf(request, {
    name: `seasons/${tournament}`,
    read: (before, limit) =>
      platform.reads((em) =>
        readRows(em, seasons, operator, (query) =>
          query
            .where('t.tournament_id', '=', tournament)
            .where('t.number', '<', positionNumber(before, Number.MAX_SAFE_INTEGER))
            .orderBy('t.number', 'desc')
            .limit(limit),
        ),
      ),
    position: ({ number }) => number,
  });
  const ids = items.map(({ id }) => id);
  const settlements = await settlementsOf(platform, operator, ids);
  const now = Date.now() * 1000;
  return {
    nextPageToken,
    seasons: items.map((row) => seasonMessage(row, settlements.get(row.id)?.finishedAt !== 0, now)),
  };
});
