import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey, uniqueCode } from '../../db/index.ts';
import { stateTable, type RowOf } from '../../journal/index.ts';

/** A tournament that was opened, with its current season. Changes of its definition and new seasons lock it. */
export const TournamentSchema = defineEntity({
  name: 'Tournament',
  tableName: 'tournament',
  properties: {
    ...stateKey,
    definitionId: column.integer(),
    /** The current season, or the last one; 0: none has opened yet. */
    seasonId: column.integer(),
    season: column.integer(),
    startAt: column.time(),
    /** When it ends; the epoch: when it is closed. */
    endAt: column.time(),
    /** When the next season opens; the epoch: there is no schedule. */
    nextAt: column.time(),
  },
});
export const tournament = stateTable(TournamentSchema, { number: 1401, rank: 1 });

export const seasonStatus = { open: 1, completed: 2, cancelled: 3 } as const;

/** A season. Scores lock it, so they are decided one by one; its facts are counted, and that count breaks ties. */
export const SeasonSchema = defineEntity({
  name: 'TournamentSeason',
  tableName: 'tournament_season',
  properties: {
    ...stateKey,
    tournamentId: column.integer(),
    definitionId: column.integer(),
    number: column.integer(),
    /** The version whose rules it has. */
    version: column.integer(),
    versionId: column.integer(),
    asset: column.integer(),
    status: column.integer(),
    startAt: column.time(),
    endAt: column.time(),
    closedAt: column.time(),
    /** What the prizes are shares of. */
    pool: column.micros(),
    /** The buy-ins, which are in the season's escrow account until it is closed or cancelled. */
    buyIns: column.micros(),
    entries: column.integer(),
    /** How many have paid a buy-in. */
    paid: column.integer(),
    /** How many have scored. */
    ranked: column.integer(),
    scores: column.integer(),
    /** The brand of all players who have entered; 0: none has, -1: they have several. */
    brand: column.integer(),
    /** The block that numbers of new entries are taken from: see `entryNumber`. */
    block: column.integer(),
  },
  indexes: [{ name: 'tournament_season_number', properties: ['operatorId', 'tournamentId', 'number'] }],
});
export const season = stateTable(SeasonSchema, { number: 1402, rank: 1 });
export type SeasonRow = RowOf<InferEntity<typeof SeasonSchema>>;

/** A player's entry in a season. */
export const EntrySchema = defineEntity({
  name: 'TournamentEntry',
  tableName: 'tournament_entry',
  properties: {
    ...stateKey,
    /** See `entryCode`. */
    code: column.code(),
    seasonId: column.integer(),
    playerId: column.integer(),
    points: column.micros(),
    /** Less the season's count of facts when the points were reached: of equal points the higher is better. 0: none. */
    early: column.integer(),
    /** The bucket of the points in `tournament_points`. */
    bucket: column.integer(),
    scores: column.integer(),
    /** The buy-in that was paid. */
    paid: column.micros(),
  },
  uniques: uniqueCode('tournament_entry'),
  indexes: [
    // Entries in order of their rank. Only those that have scored.
    {
      name: 'tournament_entry_rank',
      properties: ['operatorId', 'seasonId', 'points', 'early'],
      where: 'early < 0',
    },
  ],
});
export const entry = stateTable(EntrySchema, { number: 1403, rank: 2 });

const PLAYER_DIGITS = 12;
/** The code of a player's entry in a season: codes of a season are in the order of the players' numbers. */
export const entryCode = (seasonId: number, player: number): string =>
  `${seasonId}/${String(player).padStart(PLAYER_DIGITS, '0')}`;

/**
 * How many entries of a season have points in each of 256 buckets of an octave, so that a rank is found without
 * counting the entries above: see `bucketOf`.
 */
export const PointsSchema = defineEntity({
  name: 'TournamentPoints',
  tableName: 'tournament_points',
  properties: {
    ...stateKey,
    total: column.integer(),
    /** 256 integers of 4 bytes, big-endian; empty: all are 0. */
    counters: column.bytes(),
  },
});
export const points = stateTable(PointsSchema, { number: 1404, rank: 3 });
