import type { Draw } from '../../gen/ts/windfall/facts/v1/facts.ts';
import type { FactKind } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import { ALGORITHM, type Algorithm, type ClientSeed, type Proof, type ProofHead } from './proof.ts';
import { serverSeed, serverSeedHash, type MasterKeys } from './seeds.ts';

/** The proofs of a fact. */
export interface ProvedDraw {
  /** The definition that the draw was made from: its public id, and its version. */
  readonly definitionId: string;
  readonly definitionVersion: number;
  /** Empty for draws whose seeds are not revealed yet. */
  readonly proofs: readonly Proof[];
}

/** What FairnessService needs to know about a kind of fact that contains a draw. */
export interface DrawKind<Data = any> {
  /** The kind of fact. */
  readonly kind: FactKind<Data>;
  /** The use of a seed of a player's own stream, for ListDraws. */
  readonly personal?: (data: Data) => SeedUse;
  /** @param id the number of the fact's aggregate. Returns undefined if the fact contains no draw. */
  prove(operator: OperatorNo, id: number, data: Data): Promise<ProvedDraw | undefined>;
}

/** The use of one seed, as facts store it. */
export interface SeedUse {
  readonly algorithm: Algorithm;
  readonly streamName: string;
  readonly keyId: string;
  readonly position: number;
  readonly nonce: number;
  /** In order: joined, they are the draw's client seed. windfall/1 has one. */
  readonly clientSeeds: readonly ClientSeed[];
  /** Microseconds since 1970. */
  readonly readableSince: number;
}

/** The common part of all proofs, with the seed revealed. @param config what the draw was made from. */
export function proofHead(
  keys: MasterKeys,
  use: SeedUse,
  { config, configHash }: { config: string; configHash: string },
): ProofHead {
  const secret = serverSeed(keys.key(use.keyId), use.streamName, use.position);
  const [first] = use.clientSeeds;
  return {
    algorithm: use.algorithm,
    stream: use.streamName,
    position: use.position,
    nonce: use.nonce,
    ...(use.algorithm === ALGORITHM
      ? { client_seed: first!.seed, client_seed_origin: first!.origin }
      : { client_seeds: use.clientSeeds }),
    server_seed: secret,
    server_seed_hash: serverSeedHash(secret),
    seed_readable_since: new Date(use.readableSince / 1000).toISOString(),
    config,
    config_hash: configHash,
  };
}

const ORIGINS = ['none', 'request', 'player'] as const;

/** The seed use of a draw from a player's own stream by windfall/1: its nonce is its position. */
export function firstPersonalUse({
  streamName,
  keyId,
  position,
  clientSeed,
  clientSeedOrigin,
  readableSince,
}: Draw): SeedUse {
  return {
    algorithm: ALGORITHM,
    streamName,
    keyId,
    position: Number(position),
    nonce: Number(position),
    clientSeeds: [{ seed: clientSeed, origin: ORIGINS[clientSeedOrigin]! }],
    readableSince: Number(readableSince),
  };
}
