import type { TournamentDefinition } from '../../../gen/ts/windfall/facts/v1/tournament.ts';
import { lookAt, requireActive } from '../../catalogue/index.ts';
import { StaleVersionError, type RowRequests, type Rows, type Snapshot } from '../../journal/index.ts';
import { ApiError } from '../../kernel/index.ts';
import { entryNumber, firstOfBlock, type CurrentSeason, type Tournament } from './bound.ts';
import { tournaments } from './definition.ts';
import { entry as entries, entryCode, season as seasons, seasonStatus, tournament as heads } from './entities.ts';
import type { SeasonRow } from './entities.ts';

/** What a player does in the current season. */
export interface Entering {
  readonly tournament: Tournament;
  /** Null: none has opened. */
  readonly season: CurrentSeason | null;
  readonly player: number;
  /** The player's brand. */
  readonly brand: number;
}

/** Requests the rows that `requireOpen` and `entryOf` read, and that entries change. */
export function enteringNeeds({ tournament, season, player }: Entering, rows: RowRequests): void {
  lookAt(tournament, rows);
  rows.read(heads, tournament.id);
  if (season === null) return;
  rows.lock(seasons, season.row.id);
  rows.lockCode(entries, entryCode(season.row.id, player));
}

/** The error for a season that does not accept what was asked. */
export function notOpen({ code }: Pick<Tournament, 'code'>, number: number, status: string): ApiError {
  const details = { id: code, season: String(number), status };
  return new ApiError('TOURNAMENT_NOT_OPEN', `the season is ${status}`, { details });
}

/**
 * The season, if it is open. Throws TOURNAMENT_NOT_ACTIVE, TOURNAMENT_NOT_OPEN, and StaleVersionError if there is
 * another version or season. @param early whether it may be before the season's start.
 */
export function requireOpen({ tournament, season }: Entering, snapshot: Snapshot, early: boolean): CurrentSeason {
  requireActive(tournaments, tournament, snapshot);
  if (snapshot.row(heads, tournament.id).seasonId !== (season?.row.id ?? 0)) throw new StaleVersionError();
  if (season === null) throw notOpen(tournament, 0, 'scheduled');
  const { status, startAt, endAt, number } = snapshot.row(seasons, season.row.id);
  if (status !== seasonStatus.open)
    throw notOpen(tournament, number, status === seasonStatus.completed ? 'completed' : 'cancelled');
  if (endAt !== 0 && snapshot.now >= endAt) throw notOpen(tournament, number, 'ended');
  if (!early && snapshot.now < startAt) throw notOpen(tournament, number, 'scheduled');
  return season;
}

/** Where an entry is or will be. */
export interface EntryPlace {
  readonly entry: bigint;
  readonly created: boolean;
  readonly block: bigint;
}

/** The number of the player's entry in a season; undefined: there is none. */
export const entryOf = ({ season, player }: Entering, snapshot: Pick<Snapshot, 'find'>): number | undefined =>
  snapshot.find(entries, entryCode(season!.row.id, player));

/**
 * The place of a new entry. Throws TOURNAMENT_FULL, and StaleVersionError if it needs a block of numbers, and another
 * process has used one since the season was read.
 */
export function newEntry(
  { code }: Tournament,
  { row: read, rules, spare }: CurrentSeason,
  snapshot: Snapshot,
): EntryPlace {
  const row = snapshot.row(seasons, read.id);
  requireRoom(code, rules, row);
  const entry = entryNumber(row);
  if (entry !== null) return { entry: BigInt(entry), created: true, block: 0n };
  if (row.block !== read.block) throw new StaleVersionError();
  return { entry: BigInt(firstOfBlock(spare)), created: true, block: BigInt(spare) };
}

function requireRoom(
  code: string,
  { maxEntries }: TournamentDefinition,
  { entries: taken }: Readonly<SeasonRow>,
): void {
  if (maxEntries === 0n || BigInt(taken) < maxEntries) return;
  const details = { id: code, max_entries: String(maxEntries) };
  throw new ApiError('TOURNAMENT_FULL', 'the season has no room for another entry', { details });
}

/** Instead of a season's brand, where its players have several. */
const SEVERAL = -1;

/** The row of an entry that a fact is about: a new one is counted in its season. */
export function editEntry(
  rows: Rows,
  seasonRow: SeasonRow,
  { entry, created, block, player, brand }: EntryPlace & { readonly player: bigint; readonly brand: bigint },
) {
  if (!created) return rows.edit(entries, Number(entry));
  const row = rows.create(entries, Number(entry));
  row.code = entryCode(seasonRow.id, Number(player));
  row.seasonId = seasonRow.id;
  row.playerId = Number(player);
  seasonRow.brand = seasonRow.entries === 0 || seasonRow.brand === Number(brand) ? Number(brand) : SEVERAL;
  seasonRow.entries += 1;
  if (block > 0n) seasonRow.block = Number(block);
  return row;
}
