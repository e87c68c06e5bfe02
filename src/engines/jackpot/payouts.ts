/** Wins of instances that are not paid at once: which they are, their rows, and how the money moves. */
import type { PotsPayouts } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { JackpotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { hash as digest } from 'node:crypto';
import {
  account,
  accountId,
  outOfRange,
  type AccountId,
  type AssetNo,
  type FactMetadata,
  type Rows,
  type Snapshot,
  type Transfer,
} from '../../journal/index.ts';
import { MICROS_MAX, type Micros, type Uuid } from '../../kernel/index.ts';
import type { Jackpot } from './bound.ts';
import { payout as payoutRows } from './entities.ts';

/** States of a payout; the numbers are stored. */
export const payoutState = { withheld: 1, released: 2, rejected: 3 } as const;
/** Why a payout is withheld; the numbers are stored. */
export const payoutCause = { amount: 1, country: 2, balance: 3 } as const;

/** The number of a row: that of the payouts, times this, plus the place among them. */
const PLACES = 1024;

/** In what a player is paid, and what an amount of the jackpot's asset is worth in it. */
export interface Purse {
  readonly asset: AssetNo;
  worth(amount: Micros): Micros;
}

/** A payment to a player from an account of another asset or of the same one. */
export interface Payment {
  readonly from: AccountId;
  /** The asset of that account. */
  readonly asset: AssetNo;
  readonly amount: Micros;
  readonly player: number;
  /** What the player gets. */
  readonly gets: { readonly asset: AssetNo; readonly paid: Micros };
}

/** Pays a player, over the exchange where the assets differ. */
export function paymentOf({ from, asset, amount, player, gets }: Payment): Transfer[] {
  const to = accountId('player', player, gets.asset);
  if (gets.asset === asset) return [{ from, to, amount }];
  const bought = { from, to: accountId('exchange', 0, asset), amount };
  const { paid } = gets;
  return paid === 0n ? [bought] : [bought, { from: accountId('exchange', 0, gets.asset), to, amount: paid }];
}

/** A pot that was won, and is to be paid. */
export interface Prize {
  /** The account that holds the money, of this asset. */
  readonly from: AccountId;
  readonly asset: AssetNo;
  readonly amount: Micros;
  readonly player: number;
  /** Empty: it is not known. */
  readonly country: string;
  readonly purse: Purse;
  /** Whether the player's balance cannot hold it. */
  readonly full: boolean;
  /** The number of a new row, where something may be withheld. */
  readonly number: number;
  /** The owner of the escrow account that holds what is withheld. */
  readonly escrow: number;
  /** See `PotsPayouts`. */
  readonly linked: string;
}

export interface Paid {
  readonly transfers: readonly Transfer[];
  readonly withheld: boolean;
  readonly payouts: PotsPayouts | undefined;
}

/** Pays a pot, or moves the money to escrow, if the instance withholds it. */
export function payPrize(prize: Prize, instance: JackpotDefinitionV2['instance']): Paid {
  const { from, asset, amount, player, purse, number, escrow, linked } = prize;
  const gets = { asset: purse.asset, paid: purse.worth(amount) };
  const cause = causeOf(prize, instance);
  if (cause === 0) {
    const transfers = paymentOf({ from, asset, amount, player, gets });
    return { transfers, withheld: false, payouts: undefined };
  }
  const to = accountId('escrow', escrow, asset);
  const payout = { player: BigInt(player), amount, asset: BigInt(gets.asset), paid: gets.paid, cause };
  return {
    withheld: true,
    transfers: from === to ? [] : [{ from, to, amount }],
    payouts: { linked, number: BigInt(number), escrow: BigInt(escrow), payouts: [payout] },
  };
}

/** Why a prize is withheld; 0: it is not. */
function causeOf({ amount, country, full }: Prize, instance: JackpotDefinitionV2['instance']): number {
  const { withholdAbove, withholdCountries = [] } = instance?.rules ?? {};
  if (withholdAbove !== undefined && amount > withholdAbove) return payoutCause.amount;
  if (withholdCountries.includes(country)) return payoutCause.country;
  return full ? payoutCause.balance : 0;
}

/** Throws BALANCE_OUT_OF_RANGE if the escrow of withheld wins might not hold an amount. */
export function requireEscrow(
  { id, asset, assetCode, withholds: may }: Jackpot,
  amount: Micros,
  snapshot: Snapshot,
): void {
  if (!may) return;
  const escrow = accountId('escrow', id, asset);
  if (snapshot.row(account, escrow).balance + amount > MICROS_MAX) throw outOfRange(escrow, () => assetCode);
}

/** Creates the rows of payouts. @param won the pot. */
export function createPayouts(data: PotsPayouts | undefined, pot: bigint, rows: Rows, at: FactMetadata): void {
  data?.payouts.forEach(({ player, amount, asset, paid, cause }, place) => {
    const row = rows.create(payoutRows, Number(data.number) * PLACES + place);
    const gameround = data.linked === '' ? at.operationId : gameroundOf(at.operationId, data.linked);
    row.code = place === 0 ? gameround : `${gameround}.${place}`;
    row.jackpotId = at.aggregate;
    row.potId = Number(pot);
    row.playerId = Number(player);
    row.escrowOf = Number(data.escrow);
    row.amount = amount;
    row.asset = Number(asset);
    row.paid = paid;
    row.cause = cause;
    row.state = payoutState.withheld;
    row.wonAt = at.time;
  });
}

/** The id of a linked contribution: a UUIDv8 of the operation's id and the instance's, always the same. */
export function gameroundOf(operationId: Uuid, instance: string): Uuid {
  const hex = digest('sha256', `${operationId}/${instance}`, 'hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  const version = `8${hex.slice(13, 16)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), version, variant + hex.slice(17, 20), hex.slice(20, 32)].join('-');
}
