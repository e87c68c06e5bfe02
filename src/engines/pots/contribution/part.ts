import type { JackpotWonV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotsContributed, PotsWon } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import { requireActive } from '../../../catalogue/index.ts';
import { operatorPart, type SeedSecrets } from '../../../fairness/index.ts';
import { account, accountId, type AssetNo, type Fact, type Snapshot, type Transfer } from '../../../journal/index.ts';
import type { Micros } from '../../../kernel/index.ts';
import { checkPlay, spends } from '../../../players/index.ts';
import {
  contributionFacts,
  jackpots,
  jackpotWon,
  optIn,
  optInCode,
  rejected,
  requireRoom,
  type Jackpot,
} from '../../jackpot/index.ts';
import type { Rates } from '../config/rates.ts';
import { earnedBy, usesOf, type Earned, type EarningIn } from '../raffle/earning.ts';
import type { WalletUse } from '../wallet/use.ts';
import { accepting } from './accepting.ts';
import type { CallbackRequest } from './callback.ts';
import { priceOf, type Price } from './price.ts';
import { barred, takesTime, termsOf } from './terms.ts';

/** A contribution to an instance, and to those that it is linked to. */
export interface PotsRequest {
  readonly player: number;
  /** Names the player in public proofs: 32 hex digits. */
  readonly playerHash: string;
  /** The number of the player's brand. */
  readonly brand: number;
  readonly country: string;
  readonly wager: Micros;
  readonly currency: string;
  /** The asset that the currency is. */
  readonly asset: AssetNo;
  readonly rates: Rates;
  /** What the call brought to the draws. */
  readonly clientSeed: string;
  /** The target, then the instances that it is linked to. */
  readonly instances: readonly Jackpot[];
  /** Where they earn tickets, in the same order; empty: none of them is a raffle. */
  readonly earning: readonly (EarningIn | null)[];
  /** Numbers of new rows for wins that may be withheld, in the order of the instances; none: they never are. */
  readonly numbers: readonly number[];
  /** Unset: the results are the answer. */
  readonly callback?: CallbackRequest | undefined;
  /** Unset: the player pays from the built-in ledger. */
  readonly wallet?: WalletUse | undefined;
  readonly noted: Pick<PotsContributed, 'sourceType' | 'sourceId' | 'vertical' | 'provider'>;
  /** The source that was contributed to, and what comes with the events of a win. */
  readonly told: Pick<PotsWon, 'source' | 'metadata'>;
}

/** What the parts before have taken from the player, and what a win of them may give. */
export interface Taken {
  readonly transfers: readonly Transfer[];
  readonly held: Micros;
  /** The tickets that they have earned. */
  readonly tickets: bigint;
}
export const NOTHING_TAKEN: Taken = { transfers: [], held: 0n, tickets: 0n };

/** What a contribution to one instance comes to, before anything is drawn. */
export interface CheckedPart extends Taken {
  readonly jackpot: Jackpot;
  readonly price: Price;
  /** The number of the row of the player's opt-in; undefined: none. */
  readonly row: number | undefined;
  /** The payments of this part alone. */
  readonly own: readonly Transfer[];
  /** The wager in the instance's currency. */
  readonly wager: Micros;
  readonly earned: Earned;
  /** The facts of the player's limits, of this part and those before it. */
  readonly counted: readonly Fact[];
}

/** The contribution to one instance. */
export interface Part extends CheckedPart {
  readonly facts: readonly Fact[];
}

/** Decides the contribution to one instance. Throws CONTRIBUTION_REJECTED, and StaleVersionError. */
export const partOf = (
  request: PotsRequest,
  place: number,
  before: Taken,
  secrets: SeedSecrets,
  snapshot: Snapshot,
): Part =>
  accepting(request.instances[place]!, () => {
    const part = checked(request, place, before, snapshot);
    return { ...part, facts: drawnFacts(request, place, part, secrets, snapshot) };
  });

/**
 * Checks a contribution to one instance: whatever can refuse it does so here. Throws CONTRIBUTION_REJECTED, and
 * StaleVersionError.
 */
export const checkPart = (request: PotsRequest, place: number, before: Taken, snapshot: Snapshot): CheckedPart =>
  accepting(request.instances[place]!, () => checked(request, place, before, snapshot));

function checked(request: PotsRequest, place: number, before: Taken, snapshot: Snapshot): CheckedPart {
  const { player } = request;
  const jackpot = request.instances[place]!;
  requireActive(jackpots, jackpot, snapshot);
  const row = snapshot.find(optIn, optInCode(jackpot.id, player));
  const price = requirePrice(request, jackpot, row, snapshot);
  const own = payments(request, jackpot, price);
  const transfers = [...before.transfers, ...own];
  // That the currency can be converted was seen by the price.
  const wager = request.rates.convert(request.wager, request.currency, jackpot.assetCode)!;
  const earned = earnedBy(request, place, { wager, amount: price.amount }, snapshot);
  const tickets = before.tickets + earned.tickets;
  const counted = checkPlay(snapshot, player, [...spends(transfers), ...usesOf(tickets)]);
  if (request.wallet === undefined) requireFunds(request, jackpot, transfers, snapshot);
  else requireDebited(request, jackpot, own);
  const payout = accountId('player', player, request.asset);
  const held = before.held + worth(request, jackpot, snapshot.row(account, jackpot.account).balance + price.amount);
  requireRoom({ jackpot, amount: price.amount }, payout, snapshot, () => held);
  return { jackpot, price, row, own, wager, earned, tickets, transfers, held, counted };
}

function drawnFacts(
  request: PotsRequest,
  place: number,
  { jackpot, price, row, own, wager, earned }: CheckedPart,
  secrets: SeedSecrets,
  snapshot: Snapshot,
): readonly Fact[] {
  const { currency } = request;
  const instance: PotsContributed = {
    ...request.noted,
    currency,
    place,
    instance: jackpot.code,
    paid: price.paid,
    optIn: BigInt(row ?? 0),
    refused: [],
    country: asksCountry(jackpot) ? request.country : '',
    community: jackpot.community,
  };
  const payee = {
    player: request.player,
    country: request.country,
    purse: { asset: request.asset, worth: (amount: Micros) => worth(request, jackpot, amount) },
    number: request.numbers[place] ?? 0,
    linked: place === 0 ? '' : jackpot.code,
  };
  const contribution = { ...request, ...price, wager, jackpot, instance, payee, transfers: own };
  const facts = contributionFacts(contribution, secrets, snapshot).map((fact) =>
    withWon(fact, () => ({ ...request.told, rates: [...request.rates.numbers] })),
  );
  return [...facts, ...earned.facts];
}

/** Whether an instance pays according to the countries of contributions. */
const asksCountry = ({ instance, community }: Jackpot): boolean =>
  community !== undefined || instance!.rules!.withholdCountries.length > 0;

/** A fact with what a win of an instance tells besides, if it is a win. */
export function withWon(fact: Fact, instance: () => PotsWon): Fact {
  if (fact.kind !== jackpotWon) return fact;
  return { ...fact, data: { ...(fact as Fact<JackpotWonV2>).data, instance: instance() } };
}

/** What the contribution costs. Throws CONTRIBUTION_REJECTED. */
function requirePrice(request: PotsRequest, jackpot: Jackpot, row: number | undefined, snapshot: Snapshot): Price {
  const terms = termsOf(jackpot);
  if (!takesTime(terms, snapshot.now)) throw rejected(jackpot.code, 'OutsideSchedule');
  const cause = barred(terms, request.brand, request.country);
  if (cause !== null) throw rejected(jackpot.code, cause);
  const choice = row === undefined ? undefined : snapshot.row(optIn, row);
  const isIn = choice?.optedIn === 1;
  if (terms.optInRequired && !isIn) throw rejected(jackpot.code, 'PlayerNotOptedIn');
  const { wager: value, currency, rates } = request;
  const preferred = isIn ? choice.preferred : 0n;
  const price = priceOf(terms, jackpot.assetCode, { value, currency, rates, preferred });
  if (typeof price === 'string') throw rejected(jackpot.code, price);
  return price;
}

/** The player's payment, over the exchange where the currencies differ, then the operator's. */
function payments(
  { player, asset }: PotsRequest,
  { bound, asset: own, account: to }: Jackpot,
  price: Price,
): Transfer[] {
  const share = bound.jackpot.operatorShare;
  const operators = operatorPart(price.amount, share);
  const players = price.paid - operatorPart(price.paid, share);
  const from = accountId('player', player, asset);
  const transfers: Transfer[] = [];
  if (asset === own) {
    if (operators < price.amount) transfers.push({ from, to, amount: price.amount - operators });
  } else {
    if (players > 0n) transfers.push({ from, to: accountId('exchange', 0, asset), amount: players });
    if (operators < price.amount)
      transfers.push({ from: accountId('exchange', 0, own), to, amount: price.amount - operators });
  }
  if (operators > 0n) transfers.push({ from: accountId('operator', 0, own), to, amount: operators });
  return transfers;
}

/** An amount of an instance in the currency of the wager. That it can be converted was seen by the price. */
const worth = ({ rates, currency }: PotsRequest, { assetCode }: Jackpot, amount: Micros): Micros =>
  rates.convert(amount, assetCode, currency)!;

/** What payments take from the player of a request. */
export function takenFrom({ player, asset }: PotsRequest, transfers: readonly Transfer[]): Micros {
  const id = accountId('player', player, asset);
  let taken = 0n;
  for (const { from, amount } of transfers) if (from === id) taken += amount;
  return taken;
}

/** Throws CONTRIBUTION_REJECTED if a wallet was debited for this part, and not exactly what it costs. */
function requireDebited(request: PotsRequest, { code }: Jackpot, own: readonly Transfer[]): void {
  const { debited } = request.wallet!;
  if (debited === undefined) return;
  const amount = debited.get(code);
  if (typeof amount === 'string') throw rejected(code, amount);
  if (amount !== takenFrom(request, own)) throw rejected(code, 'TermsChanged');
}

/** Throws CONTRIBUTION_REJECTED if the player's balance does not pay for this part and those before it. */
function requireFunds(
  request: PotsRequest,
  { code }: Jackpot,
  transfers: readonly Transfer[],
  snapshot: Snapshot,
): void {
  const id = accountId('player', request.player, request.asset);
  const needed = takenFrom(request, transfers);
  if (needed > 0n && snapshot.row(account, id).balance < needed) throw rejected(code, 'InsufficientFunds');
}
