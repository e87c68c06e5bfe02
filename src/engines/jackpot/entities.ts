import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey, uniqueCode } from '../../db/index.ts';
import { chainOf, nextLink } from '../../fairness/index.ts';
import { stateTable, type FactMetadata, type RowOf, type Rows } from '../../journal/index.ts';
import { capped, type Micros } from '../../kernel/index.ts';

/**
 * A jackpot that was opened. Contributions, drops and changes of its definition lock it, so they are decided one by
 * one.
 */
export const JackpotSchema = defineEntity({
  name: 'Jackpot',
  tableName: 'jackpot',
  properties: {
    ...stateKey,
    definitionId: column.integer(),
    asset: column.integer(),
    /** What the shares of the pots have left. */
    house: column.micros(),
    contributions: column.integer(),
    contributed: column.micros(),
    /** How many draws were made under the current seed of the hits. */
    nonce: column.integer(),
    /** C(k): what all calls have brought, in order; 64 hex digits. Empty: nothing yet. */
    chain: column.text(),
    /** The hash of the config of the version in force: 64 hex digits. Empty: it was opened before there was one. */
    config: column.text(),
  },
});
export const jackpot = stateTable(JackpotSchema, { number: 1101, rank: 1 });
export type JackpotRow = RowOf<InferEntity<typeof JackpotSchema>>;

/** Advances a jackpot's chain by the leaf of a fact. @param leaf 32 bytes, or none: then it stays. */
export function advance(rows: Rows, { aggregate }: FactMetadata, leaf: Uint8Array): void {
  if (leaf.length === 0) return;
  const head = rows.edit(jackpot, aggregate);
  head.chain = nextLink(chainOf(head), leaf);
}

/**
 * A pot. The sum of all values, reserves and surpluses of a jackpot's pots and its house share is its account's
 * balance.
 */
export const PotSchema = defineEntity({
  name: 'JackpotPot',
  tableName: 'jackpot_pot',
  properties: {
    ...stateKey,
    jackpotId: column.integer(),
    code: column.text(),
    value: column.micros(),
    reserve: column.micros(),
    surplus: column.micros(),
    contributed: column.micros(),
    overflow: column.micros(),
    paid: column.micros(),
    hits: column.integer(),
    /** Counts the pot's starts from 1. */
    cycle: column.integer(),
    /** Counts the starts that a win was before, and the opening, from 1; 0: they are not limited. */
    starts: column.integer(),
    /** The sequence of the jackpot's fact that began the cycle. */
    cycleFrom: column.integer(),
    /** u: the value at which the pot was last drawn; at its start, the start. */
    drawnAt: column.micros(),
    /** What is frozen for the cycle: RFC 8785 text. Empty: the cycle began before terms were frozen. */
    terms: column.text(),
    /** The number of the row of the version that the terms are from. */
    termsFrom: column.integer(),
    /** S: what the contributions of the cycle brought to the pot. */
    sum: column.micros(),
    /** The player who contributed last in this cycle; 0: none. */
    lastPlayer: column.integer(),
    /** The range of the cycle's hidden end, in Unix milliseconds; by windfall/1 also of a value. 0, 0: none. */
    triggerFrom: column.micros(),
    triggerTo: column.micros(),
    /** When the cycle ends at the latest; the epoch: never. */
    dueAt: column.time(),
    wonAt: column.time(),
  },
});
export const pot = stateTable(PotSchema, { number: 1102, rank: 1 });
export type PotRow = RowOf<InferEntity<typeof PotSchema>>;

/** Counts what a pot has paid. No win may fail because there were so many: the count stays at the largest amount. */
export function countPaid(row: PotRow, amount: Micros): void {
  row.paid = capped(row.paid + amount);
}

/**
 * A cycle of a pot that was closed by a draw among all who fed it. Its escrow account, of the same number, holds the
 * money until the winner is found.
 */
export const PotEndSchema = defineEntity({
  name: 'JackpotPotEnd',
  tableName: 'jackpot_pot_end',
  properties: {
    ...stateKey,
    jackpotId: column.integer(),
    potId: column.integer(),
    cycle: column.integer(),
    /** The operation that closed it. */
    closedBy: column.text(),
    /** When the winner was found; the epoch: not yet. */
    paidAt: column.time(),
  },
});
export const potEnd = stateTable(PotEndSchema, { number: 1104, rank: 2 });
export type PotEndRow = RowOf<InferEntity<typeof PotEndSchema>>;

/** A win of an instance, or a part of one, that was not paid with it. */
export const PayoutSchema = defineEntity({
  name: 'JackpotPayout',
  tableName: 'jackpot_payout',
  properties: {
    ...stateKey,
    /** The id of the game round that has won; of the places after the first one with a dot and the place. */
    code: column.code(),
    jackpotId: column.integer(),
    potId: column.integer(),
    playerId: column.integer(),
    /** The owner of the escrow account that holds the amount. */
    escrowOf: column.integer(),
    /** In the jackpot's asset. */
    amount: column.micros(),
    /** What the player gets, and its asset by number. */
    asset: column.integer(),
    paid: column.micros(),
    /** See `payoutCause` and `payoutState`. */
    cause: column.integer(),
    state: column.integer(),
    wonAt: column.time(),
    /** When it was released or rejected; the epoch: not yet. */
    settledAt: column.time(),
  },
  uniques: uniqueCode('jackpot_payout'),
  indexes: [{ name: 'jackpot_payout_jackpot', properties: ['operatorId', 'jackpotId', 'id'] }],
});
export const payout = stateTable(PayoutSchema, { number: 1107, rank: 2 });
export type PayoutRow = RowOf<InferEntity<typeof PayoutSchema>>;

/** The last hits of a jackpot. A separate row, because they change much less often. */
export const HitsSchema = defineEntity({
  name: 'JackpotHits',
  tableName: 'jackpot_hits',
  properties: {
    ...stateKey,
    /** `RecentHit`s as JSON, the newest first. */
    recent: column.text(),
  },
});
export const jackpotHits = stateTable(HitsSchema, { number: 1103, rank: 1 });

/** What a player has chosen for an instance of pots, and what the player has contributed to it. */
export const OptInSchema = defineEntity({
  name: 'JackpotOptIn',
  tableName: 'jackpot_opt_in',
  properties: {
    ...stateKey,
    /** See `optInCode`. */
    code: column.code(),
    jackpotId: column.integer(),
    playerId: column.integer(),
    brandId: column.integer(),
    /** 1: opted in; 0: opted out, or has not chosen. */
    optedIn: column.integer(),
    /** What the player pays for a contribution, in the jackpot's asset; 0: what the instance asks for. */
    preferred: column.micros(),
    contributions: column.integer(),
    contributed: column.micros(),
    /** What the player has contributed in the current cycles of pots, where shares of wins depend on it: JSON. */
    cycleSums: column.text(),
    changedAt: column.time(),
  },
  uniques: uniqueCode('jackpot_opt_in'),
  indexes: [
    { name: 'jackpot_opt_in_jackpot', properties: ['operatorId', 'jackpotId', 'id'] },
    { name: 'jackpot_opt_in_player', properties: ['operatorId', 'playerId', 'id'] },
  ],
});
export const optIn = stateTable(OptInSchema, { number: 1105, rank: 2 });
export type OptInRow = RowOf<InferEntity<typeof OptInSchema>>;

/** @param jackpot the number of its row. */
export const optInCode = (jackpot: number, player: number): string => `${jackpot}/${player}`;

export interface RecentHit {
  readonly operationId: string;
  readonly pot: string;
  readonly cycle: number;
  readonly player: number;
  /** Micro-units as a decimal integer. */
  readonly amount: string;
  readonly reason: number;
  readonly time: number;
  /** The reason of an award. */
  readonly award?: string;
  /** Whether the money is still in escrow. */
  readonly withheld?: boolean;
}

export const recentHits = (recent: string): RecentHit[] => (recent === '' ? [] : (JSON.parse(recent) as RecentHit[]));
