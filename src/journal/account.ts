import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey } from '../db/index.ts';
import type { Micros } from '../kernel/index.ts';
import { stateTable, type RowOf } from './table.ts';

/**
 * An account's number: owner × 2¹⁴ + asset × 2⁵ + kind, so that its kind and asset are known without a look-up. Owners
 * may be up to 2³⁹.
 */
export type AccountId = number;
/** An asset's number in its operator, 0 to 511. */
export type AssetNo = number;

const OWNER = 16_384;
const ASSET = 32;
const ASSETS = 512;
/**
 * Lanes lock the kinds below it. The others are the operator's, which all batches would queue on: they are rolled up.
 */
export const ROLLED_UP = 16;

/** Kinds of accounts; the numbers are stored in the journal. 3 to 15 and 21 to 31 are free. */
export const accountKind = {
  player: 0,
  escrow: 1,
  jackpot: 2,
  operator: 16,
  exchange: 17,
  external: 18,
  /** What the operator's own wallet has taken from players, below zero; and what it is to give them. */
  wallet: 19,
  payable: 20,
} as const;
export type AccountKind = keyof typeof accountKind;
const NAMES = new Map<number, AccountKind>(
  Object.entries(accountKind).map(([name, kind]) => [kind, name as AccountKind]),
);

/** The number of the account of `owner` (a player's or instance's number, 0 for the operator) in an asset. */
export function accountId(kind: AccountKind, owner: number, asset: AssetNo): AccountId {
  return owner * OWNER + asset * ASSET + accountKind[kind];
}

/** The numbers of all accounts that an owner can have: from the first to the last. */
export const accountsOf = (owner: number): readonly [AccountId, AccountId] => [
  owner * OWNER,
  owner * OWNER + OWNER - 1,
];

export const kindOfAccount = (id: AccountId): AccountKind => NAMES.get(id % ASSET)!;
export const assetOfAccount = (id: AccountId): AssetNo => Math.floor(id / ASSET) % ASSETS;
export const ownerOfAccount = (id: AccountId): number => Math.floor(id / OWNER);
/** Whether lanes lock the account and change its balance. */
export const isLocked = (id: AccountId): boolean => id % ASSET < ROLLED_UP;
/** The player who owns the account; 0: not a player's account. */
export const playerOfAccount = (id: AccountId): number => (isPlayers(id) ? ownerOfAccount(id) : 0);
/** Whether it is a player's account, whose postings are statement lines. */
export const isPlayers = (id: AccountId): boolean => id % ASSET === accountKind.player;

/** SQL expressions for the kind and the asset of an account's number. */
export const accountSql = {
  kind: (id: string): string => `${id} % ${ASSET}`,
  asset: (id: string): string => `(${id} / ${ASSET}) % ${ASSETS}`,
  isPlayers: (id: string): string => `${id} % ${ASSET} = ${accountKind.player}`,
  isRolledUp: (id: string): string => `${id} % ${ASSET} >= ${ROLLED_UP}`,
};

/** Moves `amount` > 0 from one account to another of the same asset: zero sum by construction. */
export interface Transfer {
  readonly from: AccountId;
  readonly to: AccountId;
  readonly amount: Micros;
}

/** An account; `lines` counts its statement lines. */
export const AccountSchema = defineEntity({
  name: 'Account',
  tableName: 'account',
  properties: { ...stateKey, balance: column.micros(), lines: column.integer() },
});
export const account = stateTable(AccountSchema, { number: 1, rank: 5 });
export type AccountRow = RowOf<InferEntity<typeof AccountSchema>>;

/** One posting to a player's account. */
export interface StatementLine {
  readonly account: AccountId;
  readonly sequence: number;
  readonly amount: Micros;
  readonly balance: Micros;
}

/** Posts one side of a transfer; a player's account gets a statement line. The only code that changes balances. */
export function move(row: AccountRow, amount: Micros): StatementLine | null {
  row.balance += amount;
  if (!isPlayers(row.id)) return null;
  row.lines += 1;
  return { account: row.id, sequence: row.lines, amount, balance: row.balance };
}
