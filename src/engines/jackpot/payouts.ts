/** Wins of instances that are not paid at once: which they are, their rows, and how the money moves. */
import type { PotsPayout, PotsPayouts } from '../../../gen/ts/windfall/facts/v1/pots.ts';
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
  type TaskOrder,
  type Transfer,
} from '../../journal/index.ts';
import { MICROS_MAX, type Micros, type Uuid } from '../../kernel/index.ts';
import type { Jackpot } from './bound.ts';
import { sumOf, type Share } from './community/rules.ts';
import { payout as payoutRows } from './entities.ts';

/** States of a payout; the numbers are stored. */
export const payoutState = { withheld: 1, released: 2, rejected: 3, due: 4, paid: 5 } as const;
/** Why a payout was not made with its win; the numbers are stored. A share is paid at once, if nothing withholds it. */
export const payoutCause = { amount: 1, country: 2, balance: 3, share: 4, win: 5 } as const;

/** The number of a row: that of the payouts, times this, plus the place: shares have places from 1. */
export const PLACES = 1024;

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
  /** Without the shares. */
  readonly amount: Micros;
  /** What other players get. */
  readonly shares: readonly Share[];
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

/** Pays the winner of a pot, or moves the money to escrow, if the instance withholds it. Shares go to escrow. */
export function payPrize(prize: Prize, instance: JackpotDefinitionV2['instance']): Paid {
  const { from, asset, amount, player, purse, number, escrow, linked, shares } = prize;
  const gets = { asset: purse.asset, paid: purse.worth(amount) };
  const cause = causeOf(prize, instance);
  const to = accountId('escrow', escrow, asset);
  const held = sumOf(shares) + (cause === 0 ? 0n : amount);
  const moved = from === to || held === 0n ? [] : [{ from, to, amount: held }];
  const paid = cause === 0 ? paymentOf({ from, asset, amount, player, gets }) : [];
  const transfers = [...paid, ...moved];
  const withheld = cause !== 0;
  if (held === 0n) return { transfers, withheld, payouts: undefined };
  const winner = { player: BigInt(player), amount, asset: BigInt(gets.asset), paid: gets.paid, cause };
  return {
    withheld,
    transfers,
    payouts: {
      linked,
      number: BigInt(number),
      escrow: BigInt(escrow),
      payouts: withheld ? [winner] : [],
      shares: shares.map((share) => sharePayout(share, prize, cause, instance)),
    },
  };
}

function sharePayout(
  { player, amount, country }: Share,
  { asset }: Prize,
  winners: number,
  instance: JackpotDefinitionV2['instance'],
): PotsPayout {
  const byRules = winners === payoutCause.amount || winners === payoutCause.country;
  const own = causeOf({ amount, country, full: false }, instance) || payoutCause.share;
  const cause = byRules ? payoutCause.win : own;
  return { player: BigInt(player), amount, asset: BigInt(asset), paid: amount, cause };
}

/** A win, as it is stored. */
export interface Shared {
  /** The winner's. */
  readonly amount: Micros;
  readonly payouts?: PotsPayouts | undefined;
}

/** What a pot has paid: to the winner, and to others. */
export const wholeOf = ({ amount, payouts }: Shared): Micros => amount + sumOf(payouts?.shares ?? []);

/** The task that pays the shares of a win, by the number of the payouts. */
export const PAY_SHARES = 'pots.pay-shares';

/** The order to pay the shares of a win; none if there is nothing to be paid. */
export const sharesOrder = (payouts: PotsPayouts | undefined, at: number): TaskOrder[] =>
  payouts?.shares.some(({ cause }) => cause === payoutCause.share) === true
    ? [{ task: PAY_SHARES, id: Number(payouts.number), at }]
    : [];

/** Why a prize is withheld; 0: it is not. */
function causeOf(
  { amount, country, full }: Pick<Prize, 'amount' | 'country' | 'full'>,
  instance: JackpotDefinitionV2['instance'],
): number {
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

/** The game round of the code of a payout, or of the id of a credit. */
export const roundOf = (code: string): Uuid => code.split('.')[0]!;

/** Creates the rows of payouts. @param won the pot. */
export function createPayouts(data: PotsPayouts | undefined, won: bigint, rows: Rows, at: FactMetadata): void {
  if (data === undefined) return;
  const gameround = data.linked === '' ? at.operationId : gameroundOf(at.operationId, data.linked);
  const create = ({ player, amount, asset, paid, cause }: PotsPayout, place: number): void => {
    const row = rows.create(payoutRows, Number(data.number) * PLACES + place);
    row.code = place === 0 ? gameround : `${gameround}.${place}`;
    row.jackpotId = at.aggregate;
    row.potId = Number(won);
    row.playerId = Number(player);
    row.escrowOf = Number(data.escrow);
    row.amount = amount;
    row.asset = Number(asset);
    row.paid = paid;
    row.cause = cause;
    row.state = cause === payoutCause.share ? payoutState.due : payoutState.withheld;
    row.wonAt = at.time;
  };
  data.payouts.forEach(create);
  data.shares.forEach((share, i) => create(share, i + 1));
}

/** The id of a linked contribution: a UUIDv8 of the operation's id and the instance's, always the same. */
export function gameroundOf(operationId: Uuid, instance: string): Uuid {
  const hex = digest('sha256', `${operationId}/${instance}`, 'hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  const version = `8${hex.slice(13, 16)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), version, variant + hex.slice(17, 20), hex.slice(20, 32)].join('-');
}
