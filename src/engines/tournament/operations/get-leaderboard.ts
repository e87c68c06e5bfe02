import type { TournamentDefinition } from '../../../../gen/ts/windfall/facts/v1/tournament.ts';
import {
  TournamentServiceService,
  type GetLeaderboardRequest,
  type GetLeaderboardResponse,
  type Place,
} from '../../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { formatDecimal, invalid, pageOf, ApiError, type Caller } from '../../../kernel/index.ts';
import { read, type Platform } from '../../../platform/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { findSeason, withRules } from '../current.ts';
import { tournaments } from '../definition.ts';
import { settlementsOf } from '../ending.ts';
import { entryCode, seasonStatus, type SeasonRow } from '../entities.ts';
import { readRanking, type Part, type Ranked } from '../ranking.ts';
import { seasonMessage } from '../view.ts';

const LIMIT = 50;
const LIMIT_MAX = 500;

/** Returns a part of a season's ranking. */
export const getLeaderboard = read(
  TournamentServiceService.getLeaderboard,
  (platform) =>
    async (request, { caller }) =>
      (await readLeaderboard(platform, request, caller)).leaderboard,
);

/** A leaderboard as the caller may see it, with its season. Throws what GetLeaderboard says. */
export async function readLeaderboard(
  platform: Platform,
  request: GetLeaderboardRequest,
  caller: Caller,
): Promise<{ readonly row: SeasonRow; readonly leaderboard: GetLeaderboardResponse }> {
  const { operator } = caller;
  const player = await playerOf(platform, caller, request);
  const { row, rules } = await seasonOf(platform, caller, request);
  const { items, nextPageToken } =
    player === null
      ? await page(platform, caller, row, request)
      : { items: await around(platform, caller, row, player, request), nextPageToken: '' };
  const settled =
    row.status === seasonStatus.open ? undefined : (await settlementsOf(platform, operator, [row.id])).get(row.id);
  const leaderboard: GetLeaderboardResponse = {
    nextPageToken,
    tournamentId: request.id,
    season: seasonMessage(row, settled?.finishedAt !== 0, Date.now() * 1000),
    places: items.map(({ place, shared, userId, brandId, playerHash, points }): Place => ({
      playerHash,
      rank: BigInt(rules.sharedTies ? shared : place),
      userId: mayKnow(caller, userId, brandId) ? userId : undefined,
      points: formatDecimal(points),
    })),
  };
  return { row, leaderboard };
}

/** Whether the caller may see who a player is. */
function mayKnow({ role, brand, userId: own }: Caller, userId: string, brandId: number): boolean {
  if (role === 'player') return brand === brandId && userId === own;
  return (role === 'service' || role === 'admin') && (brand === null || brand === brandId);
}

/** The season that a request names, or the last one, with its rules. Throws TOURNAMENT_NOT_FOUND, SEASON_NOT_FOUND. */
async function seasonOf(
  platform: Platform,
  caller: Caller,
  { id, season }: GetLeaderboardRequest,
): Promise<{ readonly row: SeasonRow; readonly rules: TournamentDefinition }> {
  const { operator } = caller;
  const tournament = await platform.definitions.get(tournaments, operator, id);
  const row = await findSeason(platform, operator, tournament, season).catch(async (error: unknown) => {
    // A draft has no season, and outsiders must not be told that it exists.
    await getDefinition(platform, tournaments, { id, version: 0 }, caller);
    throw error;
  });
  // A version never changes, so the cached one has the rules of all seasons that opened with it.
  return row.versionId === tournament.versionId
    ? { row, rules: tournament.content }
    : withRules(platform, operator, row);
}

function page(
  platform: Platform,
  { operator }: Caller,
  { id }: SeasonRow,
  { limit, pageSize, pageToken }: GetLeaderboardRequest,
): Promise<{ items: Ranked[]; nextPageToken: string }> {
  return pageOf(
    { pageSize: limit || pageSize, pageToken },
    {
      name: `leaderboard/${id}`,
      read: (position, count) => readRanking(platform, operator, id, partAfter(position, count)),
      position: ({ points, early }) => `${points}:${-early}`,
    },
  );
}

function partAfter(position: string, limit: number): Part {
  if (position === '') return { limit };
  const [, points, reached] = /^(\d{1,18}|[1-8]\d{18}):([1-9]\d{0,14})$/.exec(position) ?? [];
  if (points === undefined) throw invalid('page_token', 'is not a token of this list');
  return { limit, points: BigInt(points), early: -Number(reached) };
}

/**
 * The player around whom to list; null: none is named. The public must not learn by name who plays, so it may name
 * nobody. Throws PERMISSION_DENIED, BRAND_NOT_FOUND, PLAYER_NOT_FOUND.
 */
async function playerOf(
  { identify }: Platform,
  caller: Caller,
  { aroundUserId: userId, brandId }: GetLeaderboardRequest,
): Promise<number | null> {
  if (userId === '') return null;
  if (caller.role === 'anonymous')
    throw new ApiError('PERMISSION_DENIED', 'the public may not name a player', { details: { role: caller.role } });
  return (await identify.find({ userId, brandId }, caller)).player;
}

/** The places around a player. Throws ENTRY_NOT_FOUND. */
async function around(
  platform: Platform,
  { operator }: Caller,
  { id, number }: SeasonRow,
  player: number,
  { id: code, limit, pageSize }: GetLeaderboardRequest,
): Promise<Ranked[]> {
  const size = Math.min(limit || pageSize || LIMIT, LIMIT_MAX);
  const above = Math.floor((size - 1) / 2);
  const part = { above, below: size - above, code: entryCode(id, player) };
  const places = await readRanking(platform, operator, id, part);
  if (places.length > 0) return places;
  throw new ApiError('ENTRY_NOT_FOUND', 'the player has not scored', { details: { id: code, season: String(number) } });
}
