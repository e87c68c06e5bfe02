import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey, uniqueCode } from '../../db/index.ts';
import { stateTable, type RowOf } from '../../journal/index.ts';

/** What all journeys of an operator share. There is one row, with the number `BOARD`. */
export const BoardSchema = defineEntity({
  name: 'JourneyBoard',
  tableName: 'journey_board',
  properties: {
    ...stateKey,
    /** How many journeys were ever active. */
    places: column.integer(),
    /** When the day begins for which dormant players are looked up next. */
    dueAt: column.time(),
    /** The last dormant player of that day who was told; 0: none yet. */
    after: column.integer(),
  },
});
export const board = stateTable(BoardSchema, { number: 1501, rank: 1 });
export const BOARD = 1;

/** A journey that was active at least once. It never changes. */
export const JourneySchema = defineEntity({
  name: 'Journey',
  tableName: 'journey',
  properties: { ...stateKey, definitionId: column.integer(), place: column.integer() },
});
export const journey = stateTable(JourneySchema, { number: 1502, rank: 1 });

/** How far a player has come in a journey, from the first step on. */
export const ProgressSchema = defineEntity({
  name: 'JourneyProgress',
  tableName: 'journey_progress',
  properties: {
    ...stateKey,
    /** See `progressCode`. */
    code: column.code(),
    playerId: column.integer(),
    brandId: column.integer(),
    /** Of `action`, the last one. */
    status: column.integer(),
    /** How many steps the player has completed. */
    steps: column.integer(),
    startedAt: column.time(),
    steppedAt: column.time(),
  },
  uniques: uniqueCode('journey_progress'),
});
/**
 * Locked after the player: of two events of one player at two servers, the later one finds the rows that the earlier
 * one has created.
 */
export const progress = stateTable(ProgressSchema, { number: 1503, rank: 4 });
export type ProgressRow = RowOf<InferEntity<typeof ProgressSchema>>;

/** The most journeys that an operator can have. A player's number is below 2³⁹, so a row's number is exact. */
export const PLACES_MAX = 2 ** 13 - 1;

/** The number of a player's row: known without a counter, and the same for ever, so that nobody has two. */
export const progressId = (place: number, player: number): number => player * (PLACES_MAX + 1) + place;

/** The code of a player's row: those of one journey are next to each other. */
export const progressCode = (place: number, player: number): string => `${place}/${player}`;
