import type { PersonalDraw } from '../../gen/ts/windfall/facts/v1/fairness.ts';
import type { RowRequests, Snapshot } from '../journal/index.ts';
import { ApiError } from '../kernel/index.ts';
import type { Drawn, SeedUse } from './draws.ts';
import { ALGORITHM_2, joinClientSeeds, type ClientSeedOrigin } from './proof.ts';
import { serverSeed, serverSeedHash, type MasterKeys } from './seeds.ts';
import { nextSeed, ownOriginOf, seedStream, streamId } from './stream.ts';

/** The origins of a player's own client seed, by their stored numbers. */
export const OWN_ORIGINS: readonly ClientSeedOrigin[] = ['none', 'start', 'player'];

/** What a call brings to a draw from a player's stream. */
export interface PersonalRequest {
  /** Empty: none. */
  readonly clientSeed: string;
  /** The hash of the server seed that the caller expects to be used; empty: any. */
  readonly expectedSeedHash: string;
  /** What names the player in public, 32 hex digits. */
  readonly playerHash: string;
}

/** The next seed of a player's stream, ready to draw from. */
export interface PersonalSeed {
  /** The number of the stream, which is the aggregate of the draw's fact. */
  readonly stream: number;
  /** The inputs of the draws under this seed: see `drawOpens`. */
  readonly inputs: { readonly serverSeed: string; readonly clientSeed: string; readonly nonce: number };
  /** The use of the seed as facts store it. @param configHash the 64 hex digits that the draws are bound to. */
  stored(configHash: string): PersonalDraw;
}

/** Requests the row that `personalSeed` reads, and that `useSeed` moves on. */
export function personalNeeds(rows: RowRequests, player: number): void {
  rows.lock(seedStream, streamId('player', player));
}

/**
 * The seed for an operation of a player, as `decide` draws from it. Both client seeds count: the player's own, and what
 * the call brought. Throws SEED_HASH_MISMATCH, and DeferredError if the published seeds are used up. The operation's
 * fact has `stream` as its aggregate, and its `evolve` calls `useSeed`.
 */
export function personalSeed(
  snapshot: Snapshot,
  keys: MasterKeys,
  player: number,
  { clientSeed: requestSeed, expectedSeedHash, playerHash }: PersonalRequest,
): PersonalSeed {
  const { id, name, keyId, position, readableSince } = nextSeed(snapshot, streamId('player', player));
  const secret = serverSeed(keys.key(keyId), name, position);
  if (expectedSeedHash !== '' && expectedSeedHash !== serverSeedHash(secret)) {
    const details = { server_seed_hash: serverSeedHash(secret) };
    throw new ApiError('SEED_HASH_MISMATCH', 'another server seed is next', { details });
  }
  const row = snapshot.row(seedStream, id);
  const ownSeed = row.clientSeed;
  return {
    stream: id,
    inputs: {
      serverSeed: secret,
      clientSeed: joinClientSeeds([{ seed: ownSeed }, { seed: requestSeed }]),
      nonce: position,
    },
    stored: (configHash) => ({
      ownSeed,
      requestSeed,
      keyId,
      stream: BigInt(id),
      streamName: name,
      position: BigInt(position),
      ownSeedOrigin: ownOriginOf(row),
      readableSince: BigInt(readableSince),
      configHash: Buffer.from(configHash, 'hex'),
      playerHash: Buffer.from(playerHash, 'hex'),
    }),
  };
}

/** What the response to a draw shows of its seeds. */
export interface RevealedSeeds {
  readonly serverSeed: string;
  readonly serverSeedHash: string;
  readonly nextServerSeedHash: string;
  /** The player's own, a line feed, and what the call brought. */
  readonly clientSeed: string;
  readonly nonce: bigint;
  readonly configHash: string;
}

/** The seeds of a stored draw, for its response. */
export function revealedSeeds(keys: MasterKeys, draw: PersonalDraw): RevealedSeeds {
  const { keyId, streamName, position, ownSeed, requestSeed, configHash } = draw;
  const seedAt = (n: number): string => serverSeed(keys.key(keyId), streamName, n);
  const secret = seedAt(Number(position));
  return {
    serverSeed: secret,
    serverSeedHash: serverSeedHash(secret),
    nextServerSeedHash: serverSeedHash(seedAt(Number(position) + 1)),
    clientSeed: joinClientSeeds([{ seed: ownSeed }, { seed: requestSeed }]),
    nonce: position,
    configHash: Buffer.from(configHash).toString('hex'),
  };
}

/** What a stored draw says for its record. */
export const personalDrawn = (draw: PersonalDraw): Pick<Drawn, 'use' | 'player' | 'configHash'> => ({
  use: personalUse(draw),
  player: Buffer.from(draw.playerHash).toString('hex'),
  configHash: Buffer.from(draw.configHash).toString('hex'),
});

/** The seed use of a stored draw, for its proof. */
export function personalUse(draw: PersonalDraw): SeedUse {
  const { streamName, keyId, ownSeed, ownSeedOrigin, requestSeed } = draw;
  const position = Number(draw.position);
  return {
    algorithm: ALGORITHM_2,
    streamName,
    keyId,
    position,
    nonce: position,
    clientSeeds: [
      { seed: ownSeed, origin: OWN_ORIGINS[ownSeedOrigin]! },
      { seed: requestSeed, origin: requestSeed === '' ? 'none' : 'request' },
    ],
    readableSince: Number(draw.readableSince),
  };
}
