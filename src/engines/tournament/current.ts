import { readRows, readRowsById } from '../../journal/index.ts';
import { chain, invalid, ApiError, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { CurrentSeason, Season, Tournament } from './bound.ts';
import { tournaments } from './definition.ts';
import { season as seasons, tournament as heads, type SeasonRow } from './entities.ts';

/** A season with its rules. */
export async function withRules({ versions }: Platform, operator: OperatorNo, row: SeasonRow): Promise<Season> {
  const { content: rules } = await versions.get(tournaments, operator, row.versionId);
  return { row, rules };
}

/** The season that scores go to; null: none has opened. Remembered with the version: one that is read anew is fresh. */
export function currentSeason(
  platform: Platform,
  operator: OperatorNo,
  tournament: Tournament,
): CurrentSeason | null | Promise<CurrentSeason | null> {
  return (tournament.current ??= readCurrent(platform, operator, tournament).then(
    (season) => (tournament.current = season),
    (error: unknown) => {
      delete tournament.current;
      throw error;
    },
  ));
}

/** Microseconds before a season's end in which the remembered one is not trusted: clocks may differ by that much. */
const NEAR_END = 60_000_000;

/**
 * The current season for a player to join. Near the remembered one's end it is read: a player who has joined that one
 * must not get the answer of then.
 */
export function joinableSeason(
  platform: Platform,
  operator: OperatorNo,
  tournament: Tournament,
): CurrentSeason | null | Promise<CurrentSeason | null> {
  return chain(currentSeason(platform, operator, tournament), (season) =>
    season !== null && season.row.endAt !== 0 && Date.now() * 1000 > season.row.endAt - NEAR_END
      ? readCurrent(platform, operator, tournament)
      : season,
  );
}

async function readCurrent(
  platform: Platform,
  operator: OperatorNo,
  { id }: Tournament,
): Promise<CurrentSeason | null> {
  const row = await platform.reads(async (em) => {
    const [head] = await readRowsById(em, heads, operator, [id]);
    return (await readRowsById(em, seasons, operator, [head?.seasonId ?? 0]))[0];
  });
  if (row === undefined) return null;
  return { ...(await withRules(platform, operator, row)), spare: await platform.newId() };
}

/**
 * The season that a request names; 0: the only one. Throws INVALID_ARGUMENT (none is named, and there is a schedule),
 * SEASON_NOT_FOUND.
 */
export function requireSeason(
  platform: Platform,
  operator: OperatorNo,
  tournament: Tournament,
  number: number,
): Promise<SeasonRow> {
  if (number === 0 && tournament.content.cron !== '')
    throw invalid('season', 'must name one: the tournament has a schedule');
  return findSeason(platform, operator, tournament, number || 1);
}

/** A season of a tournament by its number; 0: the last one. Throws SEASON_NOT_FOUND. */
export async function findSeason(
  { reads }: Platform,
  operator: OperatorNo,
  { id, code }: Pick<Tournament, 'id' | 'code'>,
  number: number,
): Promise<SeasonRow> {
  const [row] = await reads((em) =>
    readRows(em, seasons, operator, (query) => {
      const all = query.where('t.tournament_id', '=', id);
      const named = number === 0 ? all : all.where('t.number', '=', number);
      return named.orderBy('t.number', 'desc').limit(1);
    }),
  );
  if (row !== undefined) return row;
  throw new ApiError('SEASON_NOT_FOUND', 'no such season', { details: { id: code, season: String(number) } });
}
