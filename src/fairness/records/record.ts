import { recordDigest } from '../../journal/index.ts';
import { timeText } from '../../kernel/index.ts';
import { ALGORITHM_2, type ClientSeed } from '../proof.ts';

/*
 * A draw of windfall/2 is proved by three texts: its record, the config that it was bound to, and its server seed once
 * that is revealed. The record says everything that is to be known of the draw, in the canonical form of RFC 8785; its
 * digest is the leaf of the batch's receipt, and covers all of it. SPECIFICATION.md describes them.
 */

/** What every record says, whatever its recipe. */
export interface RecordHead {
  /** The operator's name. */
  readonly operator: string;
  /** The operation's id, and the index of the fact in it. */
  readonly operation: string;
  readonly part: number;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly definition: { readonly engine: string; readonly id: string; readonly version: number };
  /** The player's public hash, 32 hex digits; empty where a draw has no player. */
  readonly player: string;
  /** The stream's full name. */
  readonly stream: string;
  readonly position: number;
  readonly nonce: number;
  /** SHA-256 of the server seed's digits. */
  readonly seedHash: string;
  /** Microseconds since 1970. */
  readonly seedReadableSince: number;
  readonly clientSeeds: readonly ClientSeed[];
  readonly configHash: string;
}

/** The proof of a draw of windfall/2, all texts. */
export interface RecordProof {
  readonly record: string;
  readonly config: string;
  /** 64 hex digits; empty while the seed is sealed. */
  readonly server_seed: string;
  /** SHA-256 of a zero byte and the record: 64 hex digits. */
  readonly digest: string;
}

/**
 * The text of a record. It is made from parts and not by the library, as each batch makes thousands of them; a test
 * holds it equal to the library's. @param outcome the canonical text of the recipe's part.
 */
export function recordText(recipe: string, head: RecordHead, outcome: string): string {
  const { definition, clientSeeds } = head;
  const seeds = clientSeeds.map(({ seed, origin }) => `{"origin":"${origin}","seed":${JSON.stringify(seed)}}`);
  return (
    `{"algorithm":"${ALGORITHM_2}","client_seeds":[${seeds.join(',')}],"config_hash":"${head.configHash}",` +
    `"definition":{"engine":"${definition.engine}","id":${JSON.stringify(definition.id)},` +
    `"version":${definition.version}},"nonce":${head.nonce},"operation":"${head.operation}",` +
    `"operator":${JSON.stringify(head.operator)},"outcome":${outcome},"part":${head.part},` +
    `"player":"${head.player}","position":${head.position},"recipe":"${recipe}","seed_hash":"${head.seedHash}",` +
    `"seed_readable_since":"${timeText(head.seedReadableSince)}","stream":"${head.stream}",` +
    `"time":"${timeText(head.time)}"}`
  );
}

/** The digest of a record, 64 hex digits. */
export const digestOf = (record: string): string => recordDigest(record).toString('hex');

export { timeText };
