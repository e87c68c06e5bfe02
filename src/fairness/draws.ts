import type { Draw } from '../../gen/ts/windfall/facts/v1/facts.ts';
import type { FactKind } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import { ALGORITHM, type Algorithm, type ClientSeed, type Proof, type ProofHead } from './proof.ts';
import { digestOf, recordText, type RecordHead, type RecordProof } from './records/record.ts';
import type { RaffleEntry } from './raffle.ts';
import { serverSeed, serverSeedHash, type MasterKeys, type StreamKind } from './seeds.ts';

/** The proofs of a fact. */
export interface ProvedDraw {
  /** The definition that the draw was made from: its public id, and its version. */
  readonly definitionId: string;
  readonly definitionVersion: number;
  /** Of windfall/1. Empty for draws whose seeds are not revealed yet. */
  readonly proofs: readonly Proof[];
  /** Of windfall/2, without server seeds where these are not revealed yet. */
  readonly records?: readonly ProvedRecord[];
}

/** A proof of windfall/2; of a raffle, with its sales, unless these are too many. */
export interface ProvedRecord extends RecordProof {
  readonly entries?: readonly RaffleEntry[];
}

/** What FairnessService needs to know about a kind of fact that contains a draw. */
export interface DrawKind<Data = any> {
  /** The kind of fact. */
  readonly kind: FactKind<Data>;
  /**
   * The kind of stream that the draws are of, for ListStreamDraws. The aggregate is the stream itself if it is a
   * player's, otherwise what owns it, or what `aggregateOf` says.
   */
  readonly stream?: StreamKind;
  /** The aggregate of the draws from an owner's stream, if it is not the owner. */
  aggregateOf?(operator: OperatorNo, owner: number): Promise<number>;
  /** The leaf by which the draw advances a jackpot's chain, 32 bytes. */
  readonly leaf?: (data: Data) => Uint8Array;
  /** The use of a seed of a player's own stream, for ListDraws. */
  readonly personal?: (data: Data) => SeedUse;
  /**
   * The same at any time, to the byte, but for what was revealed since. Returns undefined if the fact contains no draw.
   * @param id the number of the fact's aggregate. @param place where the fact stands in the journal. @param withSeeds
   * whether revealed seeds are wanted, as they are unless it is false: without them nothing is read that changes.
   */
  prove(
    operator: OperatorNo,
    id: number,
    data: Data,
    place: RecordPlace,
    withSeeds?: boolean,
  ): Promise<ProvedDraw | undefined>;
}

/** Where a fact stands in the journal, as records say it. */
export type RecordPlace = Pick<RecordHead, 'operator' | 'operation' | 'part' | 'time'>;

/** What a fact knows of a draw of windfall/2. */
export interface Drawn {
  readonly recipe: string;
  readonly definition: RecordHead['definition'];
  /** The player's public hash; empty: none. */
  readonly player: string;
  readonly use: SeedUse;
  readonly configHash: string;
  /** The canonical text of the outcome. */
  readonly outcome: string;
}

/** The record of a draw, which is public at once. */
export function recordOf(place: RecordPlace, { use, ...drawn }: Drawn, seedHash: string): string {
  const { recipe, outcome, definition, player, configHash } = drawn;
  const { streamName: stream, position, nonce, clientSeeds, readableSince: seedReadableSince } = use;
  const head = { ...place, definition, player, stream, position, nonce, seedHash, seedReadableSince, clientSeeds };
  return recordText(recipe, { ...head, configHash }, outcome);
}

/** The proof of a draw. @param sealed whether its seed must stay secret. */
export function proofOf(
  keys: MasterKeys,
  place: RecordPlace,
  drawn: Drawn,
  config: string,
  sealed = false,
): RecordProof {
  const { keyId, streamName, position } = drawn.use;
  const secret = serverSeed(keys.key(keyId), streamName, position);
  const record = recordOf(place, drawn, serverSeedHash(secret));
  return { record, config, server_seed: sealed ? '' : secret, digest: digestOf(record) };
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

/** The common part of proofs of windfall/1, with the seed revealed. @param config what the draw was made from. */
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
    client_seed: first!.seed,
    client_seed_origin: first!.origin,
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
