import type { PlayReward, PlayTable, TablePrize } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import type { VersionName } from '../catalogue/index.ts';
import { bindTable, type BoundTable } from '../fairness/index.ts';
import type { AssetNo } from '../journal/index.ts';
import type { Micros } from '../kernel/index.ts';
import { bindRewards, rewardKind, type BoundReward, type Most } from '../rewards/index.ts';
import { pricedTable } from './prize-table.ts';

/** A version of a prize table, prepared for playing. */
export interface BoundPlayTable extends VersionName {
  readonly table: BoundTable;
  readonly content: PlayTable;
  readonly price: { readonly asset: AssetNo; readonly amount: Micros } | null;
  readonly freeAsset: AssetNo | null;
  /** What each prize gives, in table order. */
  readonly prizes: readonly BoundPrize[];
  readonly guaranteed: readonly Given[];
  /** The number of each asset that the table pays, by code. */
  readonly assets: ReadonlyMap<string, AssetNo>;
  /** The maximum that one play can give. */
  readonly most: Most;
  /** The number of the row of its stock; 0: no prize has any. */
  readonly stockRow: number;
}

/** What a prize or a guaranteed reward gives. */
export interface Given {
  /** As facts say it. */
  readonly told: PlayReward;
  /** The reward that becomes a grant; null for assets and blanks. */
  readonly grant: BoundReward | null;
}

/** A prize with stock gives its fallback once it is sold out. */
export interface BoundPrize extends Given {
  readonly stock?: number;
  readonly fallback?: Given;
}

/** Prepares a version. @param assetNo returns the number of an asset code; throws ASSET_NOT_FOUND. */
export function bindPlayTable(
  { content, ...name }: VersionName & { readonly content: PlayTable },
  assetNo: (code: string) => AssetNo,
): BoundPlayTable {
  const rewards = [...content.prizes, ...content.guaranteed].flatMap(({ reward }) => reward ?? []);
  const codes = rewards.filter(({ kind }) => kind === rewardKind.asset).map(({ asset }) => asset);
  const prizes = content.prizes.map((prize) => boundPrize(prize, content.prizes, assetNo));
  const guaranteed = content.guaranteed.map((reward) => givenOf(reward, assetNo));
  return {
    ...name,
    content,
    prizes,
    guaranteed,
    table: bindTable(pricedTable(content)),
    assets: new Map(codes.map((asset) => [asset, assetNo(asset)])),
    price: content.priceAsset === '' ? null : { asset: assetNo(content.priceAsset), amount: content.price },
    freeAsset: content.freeAsset === '' ? null : assetNo(content.freeAsset),
    most: mostOf(content.rolls, prizes, guaranteed),
    stockRow: content.prizes.some(({ stock }) => stock !== undefined) ? Number(content.stockRow) : 0,
  };
}

const NOTHING = { kind: 0, asset: 0n, amount: 0n, item: '', quantity: 0n, soldOut: '' };

function givenOf({ label, reward }: Pick<TablePrize, 'label' | 'reward'>, assetNo: (code: string) => AssetNo): Given {
  if (reward === undefined) return { told: { ...NOTHING, label }, grant: null };
  const [bound] = bindRewards([reward], assetNo);
  const { kind, amount, item, quantity } = reward;
  const told = { label, kind, amount, item, quantity, asset: BigInt(bound!.assetNo), soldOut: '' };
  return { told, grant: kind === rewardKind.asset ? null : bound! };
}

function boundPrize(prize: TablePrize, prizes: readonly TablePrize[], assetNo: (code: string) => AssetNo): BoundPrize {
  const { label, stock, fallback } = prize;
  const given = givenOf(prize, assetNo);
  if (stock === undefined) return given;
  const instead = givenOf(prizes.find((other) => other.label === fallback) ?? { label, reward: undefined }, assetNo);
  return {
    ...given,
    stock: Number(stock),
    fallback: { ...instead, told: { ...instead.told, soldOut: label } },
  };
}

function mostOf(rolls: number, prizes: readonly Given[], guaranteed: readonly Given[]): Most {
  const amounts = new Map<AssetNo, Micros>();
  for (const { told } of [...prizes, ...guaranteed])
    if (told.kind === rewardKind.asset) amounts.set(Number(told.asset), 0n);
  for (const asset of amounts.keys()) {
    const of = ({ told }: Given): boolean => told.kind === rewardKind.asset && Number(told.asset) === asset;
    const best = prizes.filter(of).reduce((max, { told }) => (told.amount > max ? told.amount : max), 0n);
    const fixed = guaranteed.filter(of).reduce((sum, { told }) => sum + told.amount, 0n);
    amounts.set(asset, best * BigInt(rolls) + fixed);
  }
  const grants = (given: readonly Given[]): number => given.filter(({ grant }) => grant !== null).length;
  return { amounts, grants: Math.min(grants(prizes), 1) * rolls + grants(guaranteed) };
}
