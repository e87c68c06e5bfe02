import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey } from '../db/index.ts';
import { stateTable, type RowOf } from '../journal/index.ts';

/**
 * What plays check and count of a player: separate from the profile, because every play reads it.
 */
export const GuardSchema = defineEntity({
  name: 'PlayerGuard',
  tableName: 'player_guard',
  properties: {
    ...stateKey,
    /** See `exclusionKind`; 0: there never was one. */
    exclusion: column.integer(),
    /** Microseconds since 1970. */
    excludedSince: column.integer(),
    excludedUntil: column.integer(),
    /** A `PlayerLimits`; empty: none. */
    limits: column.bytes(),
    /** Counts the player's grants; the last one has this number. */
    grants: column.integer(),
  },
});
export const guard = stateTable(GuardSchema, { number: 102, rank: 3 });
export type GuardRow = RowOf<InferEntity<typeof GuardSchema>>;
