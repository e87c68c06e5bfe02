import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey } from '../db/index.ts';
import {
  DeferredError,
  stateTable,
  type Epoch,
  type FactMetadata,
  type Snapshot,
  type RowOf,
} from '../journal/index.ts';
import { fullStream, serverSeed, serverSeedHash, type MasterKeys, type StreamKind } from './seeds.ts';

/** How many seeds after the current one have readable hashes. */
export const PUBLISHED_AHEAD = 16;

const KINDS: readonly StreamKind[] = ['player', 'raffle', 'jackpot', 'pot'];

const KINDS_MAX = 64;

/** The number of an owner's stream of a given kind. */
export function streamId(kind: StreamKind, owner: number): number {
  return owner * KINDS_MAX + KINDS.indexOf(kind);
}

/** The number of the owner of a stream. */
export const ownerOfStream = (id: number): number => Math.floor(id / KINDS_MAX);

/** A sequence of server seeds. The seeds are not stored, only the position. */
export const SeedStreamSchema = defineEntity({
  name: 'SeedStream',
  tableName: 'seed_stream',
  properties: {
    ...stateKey,
    /** Without its epoch; with one if all its draws are made. */
    name: column.text(),
    keyId: column.text(),
    /** The position of the next seed, from 0. The hashes of this one and the next 16 are readable. */
    position: column.integer(),
    /** The transaction that last moved the stream, and the position before that. */
    tx: column.integer(),
    fromPosition: column.integer(),
    /** The time from which the hashes that this transaction could use were readable. */
    since: column.time(),
    movedAt: column.time(),
    /** The player's own client seed: a random one at the start, or the one that the player has set. */
    clientSeed: column.text(),
    /** 1: `clientSeed` is still the one that the player started with. */
    startSeed: column.integer(),
  },
  // By its name anyone finds a stream, to audit it.
  indexes: [{ name: 'seed_stream_name', properties: ['operatorId', 'name'] }],
});
export const seedStream = stateTable(SeedStreamSchema, { number: 201, rank: 4 });
export type StreamRow = RowOf<InferEntity<typeof SeedStreamSchema>>;

/** The seed that a decision may use now. */
export interface NextSeed {
  readonly id: number;
  /** The stream's full name. */
  readonly name: string;
  readonly keyId: string;
  readonly position: number;
  /** The time from which the seed's hash was readable, set by an earlier transaction, in microseconds since 1970. */
  readonly readableSince: number;
}

/**
 * The next seed of a stream. Throws DeferredError if all seeds whose hashes were readable before this transaction are
 * used up. The call then waits for the next batch, so that no draw uses a seed whose hash could not be read before.
 */
export function nextSeed(snapshot: Snapshot, id: number): NextSeed {
  const row = snapshot.row(seedStream, id);
  const moved = row.tx === snapshot.tx;
  if (moved && row.position > row.fromPosition + PUBLISHED_AHEAD) throw new DeferredError();
  const { keyId, position } = row;
  const name = fullStream(row.name, snapshot.epoch);
  return { id, name, keyId, position, readableSince: readableSince(moved ? row.since : row.movedAt, snapshot.epoch) };
}

/** The time from which hashes were readable that are readable since `time` in their stream: not before their epoch. */
export const readableSince = (time: number, { startedAt }: Epoch): number => Math.max(time, startedAt);

/**
 * Opens a stream with a name, and publishes the hashes of its first seeds.
 * @param clientSeed the random client seed that a player starts with; empty: none.
 */
export function openStream(row: StreamRow, name: string, keyId: string, time: number, clientSeed = ''): void {
  row.name = name;
  row.keyId = keyId;
  row.movedAt = time;
  row.clientSeed = clientSeed;
  row.startSeed = clientSeed === '' ? 0 : 1;
}

/** The hashes of `count` seeds of the epoch in force, from a position on, in order. */
export function seedHashes(
  keys: MasterKeys,
  { name, keyId }: Pick<StreamRow, 'name' | 'keyId'>,
  position: number,
  count: number,
): string[] {
  return Array.from({ length: count }, (_, ahead) =>
    serverSeedHash(serverSeed(keys.key(keyId), fullStream(name, keys.epoch), position + ahead)),
  );
}

/** Moves a stream on by one seed. Its first move in a transaction opens the transaction's window of seeds. */
export function useSeed(row: StreamRow, at: FactMetadata): void {
  if (row.tx !== at.tx) {
    row.tx = at.tx;
    row.fromPosition = row.position;
    row.since = row.movedAt;
    row.movedAt = at.time;
  }
  row.position += 1;
}

/** The stored number of the origin of a player's own client seed. */
export const ownOriginOf = ({ clientSeed, startSeed }: Readonly<StreamRow>): number =>
  clientSeed === '' ? 0 : startSeed === 1 ? 1 : 2;
