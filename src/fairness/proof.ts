/*
 * A proof of windfall/1 as GetProof returns it, {"proof":{…}}: the head, then the part of the recipe. In full, for a
 * table:
 *
 *     { "algorithm": "windfall/1", "recipe": "table",
 *       "stream": "player/…32 hex", "position": 7, "nonce": 7,
 *       "client_seed": "my lucky words", "client_seed_origin": "request",
 *       "server_seed": "…64 hex", "server_seed_hash": "…64 hex",
 *       "seed_readable_since": "2026-01-01T00:00:00Z",
 *       "config": "{\"guaranteed\":[],…}", "config_hash": "…64 hex",
 *       "opens": [{ "sub": 0, "rolls": [3], "words_consumed": 1 }] }
 *
 * and for other recipes, instead of `opens`, one object named after the recipe:
 *
 *     "gacha":    { "since_tier_3": 4, "since_tier_4": 12, "slots": [{ "tier": 2, "prize": 17 }],
 *                   "since_tier_3_after": 5, "since_tier_4_after": 13, "words_consumed": 2 }
 *     "hit_rate": { "pots": [{ "id": "mini", "amount": "0.5", "attempts": 5, "hit": false }],
 *                   "words_consumed": 5 }
 *     "trigger":  { "value": "327.51", "before": "327.4", "after": "327.6", "words_consumed": 1 }
 *     "raffle":   { "entries": [{ "first_ticket": 0, "count": 3, "player_hash": "…64 hex" }],
 *                   "winners": [{ "ticket": 2, "player_hash": "…64 hex" }], "words_consumed": 1 }
 *
 * A large pool's entries are listed apart from its proof, which a verifier must add before it checks anything.
 *
 * Amounts are decimal strings, times are Unix milliseconds as strings, all other numbers are integers.
 * `sub` is 0 for all recipes except the table. A JSON transcoder may write 64-bit integers as strings,
 * and may omit zero, empty and false members: code that reads JSON must allow for both. This type is the
 * strict form.
 */

export const ALGORITHM = 'windfall/1';
/** The algorithm of draws with several client seeds. */
export const ALGORITHM_2 = 'windfall/2';
export type Algorithm = typeof ALGORITHM | typeof ALGORITHM_2;

/**
 * The source of a client seed: the request; the player's own, set by the player or the random one of the start; entropy
 * from outside (windfall/1), which a beacon or the caller of a draw has supplied (windfall/2); or none.
 */
export type ClientSeedOrigin = 'request' | 'player' | 'start' | 'outside' | 'beacon' | 'caller' | 'none';

/** One of the client seeds of a draw. */
export interface ClientSeed {
  readonly seed: string;
  /** `none` if and only if the seed is empty. */
  readonly origin: ClientSeedOrigin;
}

export interface ProofHead {
  /** `windfall/1`. */
  readonly algorithm: string;
  readonly stream: string;
  /** The seed's position in its stream. */
  readonly position: number;
  readonly nonce: number;
  readonly client_seed: string;
  /** `none` if and only if the client seed is empty. */
  readonly client_seed_origin: ClientSeedOrigin;
  readonly server_seed: string;
  readonly server_seed_hash: string;
  /**
   * When the hash became readable (RFC 3339): before the draw. Stated by the server; it cannot be recomputed.
   */
  readonly seed_readable_since: string;
  /** The JCS text whose SHA-256 is `config_hash`; its shape is documented with each recipe. */
  readonly config: string;
  readonly config_hash: string;
}

export interface TableProof extends ProofHead {
  readonly recipe: 'table';
  /** One per open of the operation, `sub` counting from 0; rolls are indices into the config's prizes. */
  readonly opens: readonly {
    readonly sub: number;
    readonly rolls: readonly number[];
    readonly words_consumed: number;
  }[];
}

export interface GachaProof extends ProofHead {
  readonly recipe: 'gacha';
  readonly gacha: {
    /** Prizes since the last epic-or-better and the last legendary one, before this opening. */
    readonly since_tier_3: number;
    readonly since_tier_4: number;
    /** What was shown, in order; prize is an index into the config's prizes. */
    readonly slots: readonly { readonly tier: number; readonly prize: number }[];
    readonly since_tier_3_after: number;
    readonly since_tier_4_after: number;
    readonly words_consumed: number;
  };
}

export interface HitRateProof extends ProofHead {
  readonly recipe: 'hit_rate';
  readonly hit_rate: {
    /** The config's pots, in its order; if a pot was hit, it was its last attempt that hit it. */
    readonly pots: readonly {
      readonly id: string;
      readonly amount: string;
      readonly attempts: number;
      readonly hit: boolean;
    }[];
    readonly words_consumed: number;
  };
}

export interface TriggerProof extends ProofHead {
  readonly recipe: 'trigger';
  readonly trigger: {
    readonly value: string;
    /**
     * The pot's value before and after the contribution that dropped it, or the times; empty: it dropped
     * in another way.
     */
    readonly before: string;
    readonly after: string;
    readonly words_consumed: number;
  };
}

export interface RaffleProof extends ProofHead {
  readonly recipe: 'raffle';
  readonly raffle: {
    /** All sales, in order. */
    readonly entries: readonly {
      readonly first_ticket: number;
      readonly count: number;
      readonly player_hash: string;
    }[];
    /** First to last. */
    readonly winners: readonly { readonly ticket: number; readonly player_hash: string }[];
    readonly words_consumed: number;
  };
}

/** The client seed of a draw: its parts joined by line feeds, which no part contains. */
export const joinClientSeeds = (seeds: readonly Pick<ClientSeed, 'seed'>[]): string =>
  seeds.map(({ seed }) => seed).join('\n');

export type Proof = TableProof | GachaProof | HitRateProof | TriggerProof | RaffleProof;
