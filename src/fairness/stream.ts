import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey } from '../db/index.ts';
import { DeferredError, stateTable, type FactMetadata, type Snapshot, type RowOf } from '../journal/index.ts';
import { serverSeed, serverSeedHash, type MasterKeys, type StreamKind } from './seeds.ts';

/** How many seeds beyond the current one have readable hashes. */
export const PUBLISHED_AHEAD = 16;

const KINDS: readonly StreamKind[] = ['player', 'raffle', 'jackpot', 'pot'];

const KINDS_MAX = 64;

/** The number of an owner's stream of a kind. */
export function streamId(kind: StreamKind, owner: number): number {
  return owner * KINDS_MAX + KINDS.indexOf(kind);
}

/** The number of whoever a stream is of. */
export const ownerOfStream = (id: number): number => Math.floor(id / KINDS_MAX);

/** A sequence of server seeds, of which nothing but the position is stored. */
export const SeedStreamSchema = defineEntity({
  name: 'SeedStream',
  tableName: 'seed_stream',
  properties: {
    ...stateKey,
    name: column.text(),
    keyId: column.text(),
    /** The seed that is next, counted from 0. The hashes of this one and the next 16 are readable. */
    position: column.integer(),
    /** The transaction that moved the stream last, and where it found it. */
    tx: column.integer(),
    fromPosition: column.integer(),
    /** Since when the hashes that this transaction could use were readable. */
    since: column.time(),
    movedAt: column.time(),
    /** What the player has set for draws that bring none. */
    clientSeed: column.text(),
  },
});
export const seedStream = stateTable(SeedStreamSchema, { number: 201, rank: 4 });
export type StreamRow = RowOf<InferEntity<typeof SeedStreamSchema>>;

/** The seed that a decision may use now. */
export interface NextSeed {
  readonly id: number;
  readonly name: string;
  readonly keyId: string;
  readonly position: number;
  /** Microseconds since 1970: since when the seed's hash was readable, in an earlier transaction. */
  readonly readableSince: number;
}

/**
 * The next seed of a stream. Throws DeferredError when all seeds whose hashes were readable before this transaction are used up:
 * the call then waits for the next batch, so that no draw uses a hash that nobody could have read.
 * @param more how many seeds after it the operation may begin to use.
 */
export function nextSeed(snapshot: Snapshot, id: number, more = 0): NextSeed {
  const row = snapshot.row(seedStream, id);
  const moved = row.tx === snapshot.tx;
  if (moved && row.position + more > row.fromPosition + PUBLISHED_AHEAD) throw new DeferredError();
  const { name, keyId, position } = row;
  return { id, name, keyId, position, readableSince: moved ? row.since : row.movedAt };
}

/** Gives a stream its name, and publishes the hashes of its first seeds. */
export function openStream(row: StreamRow, name: string, keyId: string, time: number): void {
  row.name = name;
  row.keyId = keyId;
  row.movedAt = time;
}

/** The hashes of the seeds at a position and after it, as many as `count`, in their order. */
export function seedHashes(
  keys: MasterKeys,
  { name, keyId }: Pick<StreamRow, 'name' | 'keyId'>,
  position: number,
  count: number,
): string[] {
  return Array.from({ length: count }, (_, ahead) =>
    serverSeedHash(serverSeed(keys.key(keyId), name, position + ahead)),
  );
}

/** Moves a stream on by one seed. A stream that moves for the first time in a transaction opens its window of seeds there. */
export function useSeed(row: StreamRow, at: FactMetadata): void {
  if (row.tx !== at.tx) {
    row.tx = at.tx;
    row.fromPosition = row.position;
    row.since = row.movedAt;
    row.movedAt = at.time;
  }
  row.position += 1;
}
