import type { Draw } from '../../gen/ts/windfall/facts/v1/facts.ts';
import type { FactKind } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import type { ClientSeedOrigin, Proof, ProofHead } from './proof.ts';
import { ALGORITHM } from './proof.ts';
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
  /** The draw, if it uses a player's own stream, for ListDraws. */
  readonly personal?: (data: Data) => Draw;
  /** @param id the number of the fact's aggregate. Returns undefined if the fact contains no draw. */
  prove(operator: OperatorNo, id: number, data: Data): Promise<ProvedDraw | undefined>;
}

/** The use of one seed, as facts store it. */
export interface SeedUse {
  readonly streamName: string;
  readonly keyId: string;
  readonly position: number;
  readonly nonce: number;
  readonly clientSeed: string;
  readonly origin: ClientSeedOrigin;
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
  return {
    algorithm: ALGORITHM,
    stream: use.streamName,
    position: use.position,
    nonce: use.nonce,
    client_seed: use.clientSeed,
    client_seed_origin: use.origin,
    server_seed: secret,
    server_seed_hash: serverSeedHash(secret),
    seed_readable_since: new Date(use.readableSince / 1000).toISOString(),
    config,
    config_hash: configHash,
  };
}

const ORIGINS: readonly ClientSeedOrigin[] = ['none', 'request', 'player'];

/** The seed use of a draw from a player's own stream: its nonce is its position. */
export function personalUse({
  streamName,
  keyId,
  position,
  clientSeed,
  clientSeedOrigin,
  readableSince,
}: Draw): SeedUse {
  return {
    streamName,
    keyId,
    clientSeed,
    position: Number(position),
    nonce: Number(position),
    origin: ORIGINS[clientSeedOrigin]!,
    readableSince: Number(readableSince),
  };
}
