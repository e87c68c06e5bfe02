import {
  SeasonOpened,
  TournamentOpened,
  type TournamentDefinition,
} from '../../../gen/ts/windfall/facts/v1/tournament.ts';
import type { Opening } from '../../catalogue/index.ts';
import { defineFact, type Fact, type TaskOrder } from '../../journal/index.ts';
import { lastOccurrence, nextOccurrence } from '../../kernel/index.ts';
import type { Tournament } from './bound.ts';
import { season as seasons, seasonStatus, tournament as heads, type SeasonRow } from './entities.ts';

/** The tasks that open and close seasons: orders name them. */
export const OPEN_SEASON = 'tournament.open-season';
export const CLOSE = 'tournament.close';

export const tournamentOpened = defineFact<TournamentOpened>({
  name: 'tournament.opened',
  number: 1401,
  version: 1,
  aggregate: heads,
  codec: TournamentOpened,
  evolve(data, rows, at) {
    const row = rows.edit(heads, at.aggregate);
    row.definitionId = Number(data.definition);
    row.nextAt = Number(data.nextAt);
  },
});

export const seasonOpened = defineFact<SeasonOpened>({
  name: 'tournament.season-opened',
  number: 1402,
  version: 1,
  aggregate: seasons,
  codec: SeasonOpened,
  evolve(data, rows, at) {
    const [startAt, endAt, number] = [Number(data.startAt), Number(data.endAt), Number(data.number)];
    const row = rows.edit(seasons, at.aggregate);
    const [tournamentId, definitionId] = [Number(data.tournament), Number(data.definition)];
    const rules = { version: Number(data.version), versionId: Number(data.versionId), asset: Number(data.asset) };
    const { pool } = data;
    Object.assign(row, {
      tournamentId,
      definitionId,
      number,
      ...rules,
      startAt,
      endAt,
      pool,
      status: seasonStatus.open,
    });
    const nextAt = Number(data.nextAt);
    Object.assign(rows.edit(heads, tournamentId), { seasonId: at.aggregate, season: number, startAt, endAt, nextAt });
  },
});

type Times = Pick<SeasonRow, 'startAt' | 'endAt'> & { readonly nextAt: number };

/** When the season opens that is due at a time, when it ends, and when the next one opens. Microseconds since 1970. */
export function seasonTimes(
  { cron, zone, durationSeconds }: Pick<TournamentDefinition, 'cron' | 'zone' | 'durationSeconds'>,
  dueAt: number,
  now: number,
): Times {
  const next = (after: number): number => nextOccurrence({ cron, zone }, after) ?? 0;
  const length = Number(durationSeconds) * 1_000_000;
  // Those that are over are left out, because nobody could have scored in them: another has followed, or time has run.
  const last = lastOccurrence({ cron, zone }, dueAt, now);
  const startAt = length > 0 && last + length <= now ? next(now) : last;
  const following = next(Math.max(startAt, now));
  const ends = [...(length > 0 ? [startAt + length] : []), ...(following > 0 ? [following] : [])];
  const endAt = ends.length === 0 ? 0 : Math.min(...ends);
  return { startAt, endAt, nextAt: endAt === 0 ? 0 : next(endAt - 1) };
}

/** The order to open the next season of a tournament. */
export const openSeasonOrder = (id: number, nextAt: number): TaskOrder[] =>
  nextAt === 0 ? [] : [{ task: OPEN_SEASON, id, at: nextAt }];

/** Opens the only season of a tournament, or orders the first one of its schedule. */
export const opening: Opening<TournamentDefinition, null> = {
  prepare: () => null,
  needs({ tournament, onlySeason }, rows) {
    rows.lock(heads, Number(tournament));
    if (onlySeason > 0n) rows.lock(seasons, Number(onlySeason));
  },
  open(content, { definitionId, version, versionId, assetNo }, { now }) {
    const id = Number(content.tournament);
    const only = content.onlySeason > 0n;
    const nextAt = only ? 0 : (nextOccurrence(content, now) ?? 0);
    const opened: Fact<TournamentOpened> = {
      id,
      kind: tournamentOpened,
      data: { definition: BigInt(definitionId), nextAt: BigInt(nextAt) },
      transfers: [],
      tasks: openSeasonOrder(id, nextAt),
    };
    if (!only) return [opened];
    const times = { startAt: Number(content.startAt) || now, endAt: Number(content.endAt), nextAt: 0 };
    const from = { id, definitionId, version, versionId, content, asset: assetNo(content.asset) };
    return [opened, openedFact(Number(content.onlySeason), 1, from, times)];
  },
};

/** The fact of a new season; it orders its close, and the season after it. */
export function openedFact(
  id: number,
  number: number,
  { id: tournament, definitionId, version, versionId, asset, content }: Omit<Tournament, 'code'>,
  { startAt, endAt, nextAt }: Times,
): Fact<SeasonOpened> {
  const data: SeasonOpened = {
    tournament: BigInt(tournament),
    definition: BigInt(definitionId),
    number: BigInt(number),
    version: BigInt(version),
    versionId: BigInt(versionId),
    asset: BigInt(asset),
    pool: content.pool,
    startAt: BigInt(startAt),
    endAt: BigInt(endAt),
    nextAt: BigInt(nextAt),
  };
  const close = endAt === 0 ? [] : [{ task: CLOSE, id, at: endAt }];
  return { kind: seasonOpened, id, data, transfers: [], tasks: [...close, ...openSeasonOrder(tournament, nextAt)] };
}
