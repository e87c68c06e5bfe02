import { TournamentScored } from '../../../../gen/ts/windfall/facts/v1/tournament.ts';
import {
  TournamentServiceService,
  type SubmitScoreRequest,
  type SubmitScoreResponse,
} from '../../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { DeferredError, defineFact, type Command, type Rows, type Snapshot } from '../../../journal/index.ts';
import { chain, formatDecimal, fromNumber, invalid, parseDecimal, toNumber, ApiError } from '../../../kernel/index.ts';
import type { Micros } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { checkPlay, playNeeds } from '../../../players/index.ts';
import type { Season } from '../bound.ts';
import { currentSeason } from '../current.ts';
import { tournaments } from '../definition.ts';
import { editEntry, enteringNeeds, entryOf, newEntry, requireOpen, type Entering } from '../entering.ts';
import { entry as entries, points as buckets, season as seasons } from '../entities.ts';
import { BUCKETS, bucketOf, OCTAVES, pointsAfter, pointsOf, POINTS_MAX, type ScoreRule } from '../rules.ts';

/** A player has scored. */
export const tournamentScored = defineFact<TournamentScored>({
  name: 'tournament.scored',
  number: 1404,
  version: 1,
  aggregate: seasons,
  codec: TournamentScored,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const season = rows.edit(seasons, at.aggregate);
    const entry = editEntry(rows, season, data);
    season.scores += 1;
    entry.scores += 1;
    const first = entry.early === 0;
    if (first) season.ranked += 1;
    else if (entry.points === data.points) return;
    else count(rows, season.id, entry.bucket, -1);
    entry.points = data.points;
    entry.bucket = bucketOf(data.points);
    entry.early = 0 - season.sequence;
    count(rows, season.id, entry.bucket, 1);
  },
});

/** The number of the row that counts a bucket of a season. */
const rowOf = (seasonId: number, bucket: number): number => seasonId * OCTAVES + Math.floor(bucket / BUCKETS);

function count(rows: Rows, seasonId: number, bucket: number, change: number): void {
  const row = rows.edit(buckets, rowOf(seasonId, bucket));
  row.total += change;
  if (row.counters.length === 0) row.counters = Buffer.alloc(BUCKETS * 4);
  const view = new DataView(row.counters.buffer, row.counters.byteOffset);
  const place = (bucket % BUCKETS) * 4;
  view.setUint32(place, view.getUint32(place) + change);
}

export interface ScoreRequest extends Entering {
  readonly wagered: Micros;
  /** The points that were given; null: those of the wager. */
  readonly given: bigint | null;
}

const scoredBy = ({ wagered, given }: ScoreRequest, { rules }: Season): bigint =>
  given ?? pointsOf(wagered, rules.pointsPerUnit);

/** The entry's points before and after a score; before is undefined for one that has not scored. */
function change(
  request: ScoreRequest,
  season: Season,
  loaded: Pick<Snapshot, 'find' | 'row'>,
): { readonly entry: number | undefined; readonly before: bigint | undefined; readonly after: bigint } {
  const entry = entryOf(request, loaded);
  const row = entry === undefined ? undefined : loaded.row(entries, entry);
  const before = row === undefined || row.early === 0 ? undefined : row.points;
  const after = pointsAfter(season.rules.scoreRule as ScoreRule, before ?? 0n, scoredBy(request, season));
  return { entry, before, after };
}

/** The rows that count the entry's bucket before and after. */
const rowsOf = (seasonId: number, { before, after }: Omit<ReturnType<typeof change>, 'entry'>): readonly number[] =>
  before === after ? [] : [after, ...(before === undefined ? [] : [before])].map((p) => rowOf(seasonId, bucketOf(p)));

/**
 * Scores. Throws TOURNAMENT_NOT_ACTIVE, TOURNAMENT_NOT_OPEN, NOT_JOINED, PLAYER_EXCLUDED, TOURNAMENT_FULL,
 * SCORE_OUT_OF_RANGE, and StaleVersionError if there is another version or season.
 */
export const scoring: Command<ScoreRequest, ScoreAnswer> = {
  name: 'tournament.score',
  active: ({ player }) => player,
  needs(request, rows) {
    enteringNeeds(request, rows);
    playNeeds(rows, request.player, false);
  },
  later: buckets.rank,
  needsThen(request, rows, loaded) {
    const { season } = request;
    if (season === null) return;
    const changed = change(request, season, loaded);
    if (changed.after <= POINTS_MAX) for (const id of rowsOf(season.row.id, changed)) rows.lock(buckets, id);
  },
  decide(request, snapshot) {
    const season = requireOpen(request, snapshot, false);
    const { tournament, player, brand, wagered } = request;
    const details = { id: tournament.code, season: String(season.row.number) };
    const { entry, before, after } = change(request, season, snapshot);
    if (entry === undefined && season.rules.buyIn > 0n)
      throw new ApiError('NOT_JOINED', 'the player has not joined the season', { details });
    checkPlay(snapshot, player, []);
    const place =
      entry === undefined
        ? newEntry(tournament, season, snapshot)
        : { entry: BigInt(entry), created: false, block: 0n };
    if (after > POINTS_MAX) throw new ApiError('SCORE_OUT_OF_RANGE', 'the points would be too many', { details });
    // An earlier score of the batch has taken the entry to other points: their rows are locked in the next one.
    if (!rowsOf(season.row.id, { before, after }).every((id) => snapshot.has(buckets, id))) throw new DeferredError();
    const data: TournamentScored = {
      ...place,
      wagered,
      player: BigInt(player),
      brand: BigInt(brand),
      scored: scoredBy(request, season),
      points: after,
      season: BigInt(season.row.number),
    };
    return [{ kind: tournamentScored, id: season.row.id, data, transfers: [] }];
  },
  answer: ({ id, time, facts }, replayed) => ({ id, time, replayed, scored: facts[0]!.data as TournamentScored }),
};

export interface ScoreAnswer {
  readonly id: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly scored: TournamentScored;
  readonly replayed: boolean;
}

/** Scores for a player. Calls with the same wager or the same key are one score. */
export const submitScore = write({
  method: TournamentServiceService.submitScore,
  command: () => scoring,
  player: (request) => request,
  definition: tournaments,
  prepare({ wagered: amount, points, sourceWagerId }, { platform, caller, who, definition: tournament }) {
    const wagered = fromNumber(amount);
    if (wagered === undefined) throw invalid('wagered', 'must have at most 6 decimals');
    const given = points === '' ? null : parseDecimal(points)!;
    return chain(currentSeason(platform, caller.operator, tournament), (season) => ({
      route: tournament.id,
      natural: sourceWagerId === '' ? undefined : { of: tournament.definitionId, key: sourceWagerId },
      request: { tournament, season, player: who.player, brand: who.brandId, wagered, given },
    }));
  },
  respond: scoreMessage,
});

function scoreMessage(
  { id, time, scored, replayed }: ScoreAnswer,
  _: unknown,
  { userId }: SubmitScoreRequest,
): SubmitScoreResponse {
  return {
    userId,
    scoreId: id,
    wagered: toNumber(scored.wagered),
    scored: formatDecimal(scored.scored),
    points: formatDecimal(scored.points),
    season: Number(scored.season),
    scoreTime: new Date(time / 1000),
    deduped: replayed,
  };
}
