import type { Micros } from '../kernel/index.ts';
import { column, defineTable } from './table.ts';

/** An account's number: owner × 4096 + asset × 8 + kind, so that it tells its kind and asset without a look-up. */
export type AccountId = number;
/** An asset's number in its operator, 0 to 511. */
export type AssetNo = number;

/** Kinds of accounts; the numbers stand in the journal. */
export const accountKind = { player: 0, escrow: 1, jackpot: 2, operator: 3, exchange: 4, external: 5 } as const;
export type AccountKind = keyof typeof accountKind;
const KINDS = Object.keys(accountKind) as AccountKind[];

/** The number of the account of `owner` (a player's or instance's number, 0 for the operator's own) in an asset. */
export function accountId(kind: AccountKind, owner: number, asset: AssetNo): AccountId {
  return owner * 4096 + asset * 8 + accountKind[kind];
}

export const kindOfAccount = (id: AccountId): AccountKind => KINDS[id % 8]!;
export const assetOfAccount = (id: AccountId): AssetNo => Math.floor(id / 8) % 512;
export const ownerOfAccount = (id: AccountId): number => Math.floor(id / 4096);

/** Accounts that lanes lock and move. The others are the operator's: all batches would queue on them, so they are rolled up. */
export const isLocked = (id: AccountId): boolean => id % 8 <= accountKind.jackpot;

/** Moves `amount` > 0 from one account to another of the same asset: zero sum by construction. */
export interface Transfer {
  readonly from: AccountId;
  readonly to: AccountId;
  readonly amount: Micros;
}

/** An account; `lines` counts its statement lines. */
export const account = defineTable({
  name: 'account',
  number: 3,
  rank: 5,
  columns: { balance: column.micros, lines: column.integer },
});
export type AccountRow = ReturnType<typeof account.blank>;

/** One movement of a player's account. */
export interface StatementLine {
  readonly account: AccountId;
  readonly sequence: number;
  readonly amount: Micros;
  readonly balance: Micros;
}

/** Moves one side of a transfer; a player's account gets a statement line. The only code that changes balances. */
export function move(row: AccountRow, amount: Micros): StatementLine | null {
  row.balance += amount;
  if (kindOfAccount(row.id) !== 'player') return null;
  row.lines += 1;
  return { account: row.id, sequence: row.lines, amount, balance: row.balance };
}
