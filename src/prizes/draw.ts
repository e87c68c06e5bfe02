import type { Play, PlayReward } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { Draw, drawTable, HmacKey } from '../fairness/index.ts';
import { accountId, type AssetNo, type Transfer } from '../journal/index.ts';
import { ONE, type Micros } from '../kernel/index.ts';
import { rewardKind, type BoundReward } from '../rewards/index.ts';
import type { BoundPlayTable, BoundPrize, Given } from './bound.ts';
import type { Stock } from './stock.ts';

/** The seeds that plays are drawn under. */
export interface SeedUse {
  readonly serverSeed: string | HmacKey;
  readonly clientSeed: string;
  readonly nonce: number;
}

/** What a client animates: from further words of the draw, after its rolls. It changes nothing. */
export type Animate = (draw: Draw, rolls: readonly number[]) => readonly number[];

const STILL: Animate = () => [];

/** Plays as facts say them, and their rewards that become grants, in order. */
export interface DrawnPlays {
  readonly plays: Play[];
  readonly grants: BoundReward[];
}

/**
 * Draws `count` plays, in the order of their sub: what each roll gives, then the guaranteed rewards. The rolls do not
 * depend on what is sold out. The plays take from `stock` one after the other.
 */
export function drawPlays(
  { table, prizes, guaranteed }: Pick<BoundPlayTable, 'table' | 'prizes' | 'guaranteed'>,
  { serverSeed, clientSeed, nonce }: SeedUse,
  count: number,
  stock: Stock,
  animate: Animate = STILL,
): DrawnPlays {
  const key = typeof serverSeed === 'string' ? HmacKey.fromHex(serverSeed) : serverSeed;
  const plays: Play[] = [];
  const grants: BoundReward[] = [];
  for (let sub = 0; sub < count; sub++) {
    const draw = new Draw({ serverSeed: key, clientSeed, nonce, sub, configHash: table.configHash });
    const rolls = drawTable(draw, table);
    const words = draw.wordsConsumed;
    const rewards: PlayReward[] = [];
    const give = ({ told, grant }: Given): void => {
      rewards.push(told);
      if (grant !== null) grants.push(grant);
    };
    for (const index of rolls) give(givenOf(prizes[index]!, stock));
    for (const one of guaranteed) give(one);
    plays.push({ rolls, words, rewards, shown: animate(draw, rolls) });
  }
  return { plays, grants };
}

function givenOf(prize: BoundPrize, stock: Stock): Given {
  return prize.stock === undefined || stock.take(prize.told.label, prize.stock) ? prize : prize.fallback!;
}

/** How plays are paid. */
export interface Payment {
  /** How many of them are paid with units of the free asset. */
  readonly freePlays: number;
  /** The price of the others together. */
  readonly price: Micros;
}

/** Each unit of the free asset pays for one play, before the price does. */
export function paymentOf({ price, freeAsset }: BoundPlayTable, balance: Micros, count: number): Payment {
  const units = freeAsset === null ? 0n : balance / ONE;
  const freePlays = units < BigInt(count) ? Number(units) : count;
  return { freePlays, price: (price?.amount ?? 0n) * BigInt(count - freePlays) };
}

/** What the player pays for plays. */
export function paymentTransfers({ price, freeAsset }: BoundPlayTable, player: number, payment: Payment): Transfer[] {
  const pay = (asset: AssetNo, amount: Micros): Transfer[] =>
    amount === 0n ? [] : [{ from: accountId('player', player, asset), to: accountId('operator', 0, asset), amount }];
  return [
    ...(freeAsset === null ? [] : pay(freeAsset, BigInt(payment.freePlays) * ONE)),
    ...(price === null ? [] : pay(price.asset, payment.price)),
  ];
}

/** What plays have won of each asset. */
export function winTransfers(
  { most }: BoundPlayTable,
  player: number,
  plays: readonly Pick<Play, 'rewards'>[],
): Transfer[] {
  const sums = new Map<AssetNo, Micros>();
  for (const { rewards } of plays) {
    for (const { kind, asset, amount } of rewards) {
      if (kind === rewardKind.asset) sums.set(Number(asset), (sums.get(Number(asset)) ?? 0n) + amount);
    }
  }
  return [...most.amounts.keys()].flatMap((asset) => {
    const amount = sums.get(asset) ?? 0n;
    return amount === 0n
      ? []
      : [{ from: accountId('operator', 0, asset), to: accountId('player', player, asset), amount }];
  });
}
