import { findHead, idOfCode, isActive, lookAt, requireActive } from '../../catalogue/index.ts';
import { isDue, readRowsById, runOne, taskOptions, type Command } from '../../journal/index.ts';
import type { Task } from '../../tasks/index.ts';
import type { Tournament } from './bound.ts';
import { tournaments } from './definition.ts';
import { season as seasons, tournament as heads } from './entities.ts';
import { OPEN_SEASON, openedFact, seasonTimes } from './opening.ts';

interface OpenRequest {
  readonly tournament: Tournament;
  /** The number of the new season's row. */
  readonly seasonId: number;
  readonly at: number;
}

/**
 * Opens the season that is due. Decides nothing if it has opened already, or if the tournament is not active: the task
 * is ordered again when it becomes active.
 */
export const openSeason: Command<OpenRequest, void> = {
  name: OPEN_SEASON,
  needs({ tournament, seasonId }, rows) {
    lookAt(tournament, rows);
    rows.lock(heads, tournament.id);
    rows.lock(seasons, seasonId);
  },
  decide({ tournament, seasonId, at }, snapshot) {
    const { nextAt, season } = snapshot.row(heads, tournament.id);
    if (!isActive(tournament, snapshot) || nextAt === 0 || !isDue(nextAt, at, snapshot.now)) return [];
    requireActive(tournaments, tournament, snapshot);
    return [openedFact(seasonId, season + 1, tournament, seasonTimes(tournament.content, nextAt, snapshot.now))];
  },
  answer: () => undefined,
};

/** Opens the seasons of a schedule, by the number of the tournament's row. */
export const openSeasonTask: Task = {
  name: OPEN_SEASON,
  async run({ reads, journal, definitions, newId }, { operator, id, at }) {
    const [head] = await reads((em) => readRowsById(em, heads, operator, [id]));
    const code = idOfCode((await findHead(reads, operator, head!.definitionId))!.code);
    await runOne(
      {
        journal,
        command: openSeason,
        async prepare(_: null, fresh) {
          const tournament = await definitions.get(tournaments, operator, code, fresh);
          return { request: { tournament, seasonId: await newId(), at }, options: taskOptions(operator, id) };
        },
      },
      null,
    );
  },
};
