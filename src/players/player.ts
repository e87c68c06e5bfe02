import { hash } from 'node:crypto';
import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey, uniqueCode } from '../db/index.ts';
import { stateTable, type RowOf } from '../journal/index.ts';
import type { Caller } from '../kernel/index.ts';

/** A player of a brand. */
export const PlayerSchema = defineEntity({
  name: 'Player',
  tableName: 'player',
  properties: {
    ...stateKey,
    /** `<brand>/<user id>`: by this, players are found from outside. */
    code: column.code(),
    brandId: column.integer(),
    userId: column.text(),
    country: column.text(),
    currency: column.text(),
    vipLevel: column.integer(),
    /** An IANA zone; empty: UTC. */
    timeZone: column.text(),
    /** Names the player in public proofs: 32 random hex digits. Empty: the player is from before there was one. */
    publicHash: column.text(),
    createdAt: column.time(),
  },
  uniques: uniqueCode('player'),
});
export const player = stateTable(PlayerSchema, { number: 101, rank: 3 });
export type PlayerRow = RowOf<InferEntity<typeof PlayerSchema>>;

/**
 * What names a player in public proofs: 32 hex digits. Players from before there were random ones are named by the
 * beginning of a SHA-256 of their codes.
 */
export const publicHashOf = ({ publicHash, code }: Pick<PlayerRow, 'publicHash' | 'code'>): string =>
  publicHash || hash('sha256', code, 'hex').slice(0, 32);

/** The code of a player. Brand numbers contain no slash, so codes are unique. */
export const playerCode = (brandId: number, userId: string): string => `${brandId}/${userId}`;

/** The user id of a player, if there is one of a brand that the caller may act for. */
export function userIdFor({ brand }: Caller, player: PlayerRow | undefined): string | undefined {
  return brand === null || brand === player?.brandId ? player?.userId : undefined;
}
