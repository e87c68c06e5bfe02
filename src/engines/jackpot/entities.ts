import { column, defineTable, type RowOf } from '../../journal/index.ts';

/** Statuses of a jackpot; the numbers are stored. */
export const status = { active: 1, archived: 2 } as const;

const headColumns = {
  code: column.text,
  status: column.integer,
  version: column.integer,
  versionId: column.integer,
  asset: column.integer,
  /** What the shares of the pots left. */
  house: column.micros,
  contributions: column.integer,
  contributed: column.micros,
  /** How many draws were made under the current seed of the hits. */
  nonce: column.integer,
  createdAt: column.time,
  updatedAt: column.time,
};

/** A jackpot. Contributions and drops lock it, so that they are decided one after another. */
export const jackpot = defineTable({ name: 'jackpot', number: 12, rank: 1, code: 'code', columns: headColumns });
export type JackpotRow = RowOf<typeof headColumns>;

const versionColumns = {
  jackpotId: column.integer,
  version: column.integer,
  /** A `Definition` as JSON. */
  definition: column.text,
  configHash: column.bytes,
  publishedAt: column.time,
};

/** A version of a jackpot, never changed. */
export const jackpotVersion = defineTable({ name: 'jackpot_version', number: 13, rank: 2, columns: versionColumns });
export type VersionRow = RowOf<typeof versionColumns>;

const potColumns = {
  jackpotId: column.integer,
  code: column.text,
  value: column.micros,
  reserve: column.micros,
  surplus: column.micros,
  contributed: column.micros,
  overflow: column.micros,
  paid: column.micros,
  hits: column.integer,
  /** Counts the pot's starts from 1; the seed of the cycle's hidden trigger is at the position before. */
  cycle: column.integer,
  /** Who contributed last in this cycle; 0: nobody. */
  lastPlayer: column.integer,
  /** Between what the hidden trigger of the cycle lies, both ends included: values, or Unix milliseconds; 0, 0: none. */
  triggerFrom: column.micros,
  triggerTo: column.micros,
  /** When the pot drops at the latest; the epoch: never. */
  dueAt: column.time,
  wonAt: column.time,
};

/** A pot. The sum of all values, reserves and surpluses of a jackpot's pots and its house share is its account's balance. */
export const pot = defineTable({ name: 'jackpot_pot', number: 14, rank: 1, columns: potColumns });
export type PotRow = RowOf<typeof potColumns>;

const hitsColumns = {
  /** `RecentHit`s as JSON, the newest first. */
  recent: column.text,
};

/** The last hits of a jackpot, beside it because they are changed so much more seldom. */
export const jackpotHits = defineTable({ name: 'jackpot_hits', number: 15, rank: 1, columns: hitsColumns });

export interface RecentHit {
  readonly operationId: string;
  readonly pot: string;
  readonly cycle: number;
  readonly player: number;
  /** Micro-units as a decimal integer. */
  readonly amount: string;
  readonly reason: number;
  readonly time: number;
}

export const jackpotTables = [jackpot, jackpotVersion, pot, jackpotHits];
