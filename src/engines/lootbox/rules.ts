/**
 * A lootbox is a table of prizes with integer weights. One open pays the price, draws `rolls` prizes from the table,
 * each with the chance weight / sum of weights, and adds the guaranteed rewards. Several opens in one operation share
 * one server seed; each is a separate draw.
 */
import type { LootboxDefinition } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type { VersionName } from '../../catalogue/index.ts';
import {
  bindTable,
  drawOpens,
  type BoundTable,
  type HmacKey,
  type PrizeTable,
  type Reward,
} from '../../fairness/index.ts';
import { accountId, type AssetNo, type Transfer } from '../../journal/index.ts';
import type { Micros } from '../../kernel/index.ts';

/** A version prepared for opening. */
export interface Lootbox extends VersionName {
  readonly table: BoundTable;
  /** The 32 bytes of `table.configHash`. */
  readonly configHash: Buffer;
  readonly price: { readonly asset: AssetNo; readonly amount: Micros } | null;
  /** The number of each asset that the lootbox pays, by code. */
  readonly assets: ReadonlyMap<string, AssetNo>;
  /** The maximum that one open can pay, by asset number. */
  readonly most: ReadonlyMap<AssetNo, Micros>;
}

/** The part of a definition that draws depend on. */
export function prizeTable({ rolls, prizes, guaranteed }: LootboxDefinition): PrizeTable {
  return {
    rolls,
    guaranteed: [...guaranteed],
    prizes: prizes.map((prize) => ({ ...prize, weight: Number(prize.weight) })),
  };
}

/** Prepares a version. @param assetNo returns the number of an asset code. */
export function bindLootbox(
  { content, ...name }: VersionName & { readonly content: LootboxDefinition },
  assetNo: (code: string) => AssetNo,
): Lootbox {
  const table = bindTable(prizeTable(content));
  const assets = assetsOf(content, assetNo);
  return {
    ...name,
    table,
    assets,
    configHash: Buffer.from(table.configHash, 'hex'),
    price: content.priceAsset === '' ? null : { asset: assetNo(content.priceAsset), amount: content.price },
    most: mostOf(table.table, assets),
  };
}

/** The assets of all prizes. A blank has none. */
function assetsOf({ prizes, guaranteed }: LootboxDefinition, assetNo: (code: string) => AssetNo): Map<string, AssetNo> {
  const codes = [...prizes, ...guaranteed].map(({ asset }) => asset).filter((asset) => asset !== '');
  return new Map(codes.map((asset) => [asset, assetNo(asset)]));
}

function mostOf({ prizes, guaranteed, rolls }: PrizeTable, assets: ReadonlyMap<string, AssetNo>): Map<AssetNo, Micros> {
  const most = new Map<AssetNo, Micros>();
  for (const [code, asset] of assets) {
    const best = prizes.reduce((max, p) => (p.asset === code && p.amount > max ? p.amount : max), 0n);
    const fixed = guaranteed.reduce((sum, g) => (g.asset === code ? sum + g.amount : sum), 0n);
    most.set(asset, best * BigInt(rolls) + fixed);
  }
  return most;
}

/** One open: the draw and its rewards, those of the rolls first. */
export interface OpenResult {
  readonly rolls: readonly number[];
  readonly words: number;
  readonly rewards: readonly Reward[];
}

interface SeedUse {
  readonly serverSeed: string | HmacKey;
  readonly clientSeed: string;
  readonly nonce: number;
}

/** Draws `count` opens, in the order of their sub. */
export function openLootboxes({ table }: Lootbox, seed: SeedUse, count: number): OpenResult[] {
  const { prizes, guaranteed } = table.table;
  return drawOpens(seed, table, count).map(({ rolls, wordsConsumed }) => ({
    rolls,
    words: wordsConsumed,
    rewards: [...rolls.map((index) => prizes[index]!), ...guaranteed],
  }));
}

/**
 * The transfers of an operation: the price of all opens first, so that a player cannot pay with the rewards, then one
 * credit for each asset.
 */
export function openTransfers({ price, assets }: Lootbox, player: number, opens: readonly OpenResult[]): Transfer[] {
  const transfers: Transfer[] = [];
  if (price !== null) {
    const amount = price.amount * BigInt(opens.length);
    transfers.push({
      from: accountId('player', player, price.asset),
      to: accountId('operator', 0, price.asset),
      amount,
    });
  }
  const sums = new Map<AssetNo, Micros>();
  for (const { rewards } of opens) {
    for (const { asset, amount } of rewards) {
      const number = assets.get(asset);
      if (number === undefined) continue;
      sums.set(number, (sums.get(number) ?? 0n) + amount);
    }
  }
  for (const [asset, amount] of sums) {
    if (amount > 0n) {
      transfers.push({ from: accountId('operator', 0, asset), to: accountId('player', player, asset), amount });
    }
  }
  return transfers;
}
