import { formatDecimal, type Micros } from '../kernel/index.ts';
import { bindConfig, type BoundConfig } from './config-hash.ts';
import { cumulate, Draw, type DrawInputs } from './draw.ts';
import { HmacKey } from './hmac.ts';
import { JsonReader } from './json-reader.ts';
import { UNIFORM_MAX } from './uniform.ts';

export interface Reward {
  readonly label: string;
  /** Empty for a prize of nothing, whose amount is zero. */
  readonly asset: string;
  /** Zero or more; a prize of zero is a blank, unless it has an item. */
  readonly amount: Micros;
  /** What is given instead of an amount. */
  readonly item?: RewardItem;
}

/** What an operator hands out. */
export interface RewardItem {
  readonly kind: string;
  readonly code: string;
  readonly quantity: number;
  /** How long it can be handed out; unset: for ever. */
  readonly expiresAfterSeconds?: number;
}

export interface Prize extends Reward {
  /** A positive integer: the prize's chance is weight / sum of weights. */
  readonly weight: number;
  /** How many times it can ever be won; unset: without limit. */
  readonly stock?: number;
  /** The label of the prize that is given once it is sold out; unset: nothing is. */
  readonly fallback?: string;
}

/** A table of prizes, in the order that the indices of draws refer to. */
export interface PrizeTable {
  /** What every open pays without a draw. */
  readonly guaranteed: readonly Reward[];
  /** At most 200, with weights that sum to at most 2^53. */
  readonly prizes: readonly Prize[];
  /** Prizes drawn per open, with replacement. */
  readonly rolls: number;
  /** What an open costs; unset for draws of windfall/1, which were not bound to it. */
  readonly cost?: Cost;
}

/** What an open costs. */
export interface Cost {
  /** Empty: it is free. */
  readonly asset: string;
  readonly amount: Micros;
  /** The asset of which one unit pays for one open, before the price does; empty: none. */
  readonly freeAsset: string;
}

/** A table prepared for drawing, once per version of its definition. */
export interface BoundTable extends BoundConfig {
  readonly table: PrizeTable;
  readonly cumulative: readonly number[];
}

/** One open of a table: the indices of its prizes, roll by roll. */
export interface TableOpen {
  readonly sub: number;
  readonly rolls: readonly number[];
  readonly wordsConsumed: number;
}

export const PRIZES_MAX = 200;
export const ROLLS_MAX = 20;

/**
 * The recipe of lootboxes, wheels, scratch cards and all other single tables. What is hashed, exactly:
 *
 *     {"guaranteed":[{"amount":"5","asset":"GEMS","label":"welcome"}],
 *      "prizes":[{"amount":"1500","asset":"WINZ","label":"big","weight":100}],
 *      "rolls":1}
 *
 * without the white space, both lists in table order, amounts as the shortest decimal strings, weights as
 * integers. A reward that is not an amount also has `"item":{"code":"sword","kind":"item","quantity":1}`, with
 * `"expires_after_seconds":60` if it can expire; a prize with stock has `"stock":10`, and `"fallback":"small"` if it
 * names one. The rolls do not depend on what is sold out. In windfall/2 there are also `"free_asset":""` and
 * `"price":{"amount":"0","asset":""}`.
 */
export function bindTable(table: PrizeTable): BoundTable {
  const bound = bindConfig({
    guaranteed: table.guaranteed.map(rewardJson),
    prizes: table.prizes.map(prizeJson),
    rolls: table.rolls,
    ...(table.cost === undefined ? {} : costJson(table.cost)),
  });
  return { ...bound, table, cumulative: cumulate(table.prizes.map((prize) => prize.weight)) };
}

const costJson = ({ asset, amount, freeAsset }: Cost): object => ({
  free_asset: freeAsset,
  price: { amount: formatDecimal(amount), asset },
});

function rewardJson({ label, asset, amount, item }: Reward): object {
  return { amount: formatDecimal(amount), asset, label, ...(item === undefined ? {} : { item: itemJson(item) }) };
}

/** What an operator hands out, as configs and records say it. */
export const itemJson = ({ code, expiresAfterSeconds, kind, quantity }: RewardItem): object => ({
  code,
  kind,
  quantity,
  ...(expiresAfterSeconds === undefined ? {} : { expires_after_seconds: expiresAfterSeconds }),
});

function prizeJson({ weight, stock, fallback, ...reward }: Prize): object {
  return {
    ...rewardJson(reward),
    weight,
    ...(stock === undefined ? {} : { stock }),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

/** Parses the text that `bindTable` hashes. @throws ApiError naming the part that has another shape. */
export function readTable(config: string): PrizeTable {
  const json = JsonReader.parse(config, 'config');
  return {
    guaranteed: json.member('guaranteed').items(PRIZES_MAX).map(readReward),
    prizes: json.member('prizes').items(PRIZES_MAX).map(readPrize),
    rolls: json.member('rolls').integer(1, ROLLS_MAX),
    ...(json.has('price') ? { cost: readCost(json) } : {}),
  };
}

function readCost(json: JsonReader): Cost {
  const price = json.member('price');
  return {
    asset: price.member('asset').string(),
    amount: price.member('amount').amount(),
    freeAsset: json.member('free_asset').string(),
  };
}

function readReward(json: JsonReader): Reward {
  return {
    label: json.member('label').string(),
    asset: json.member('asset').string(),
    amount: json.member('amount').amount(),
    ...(json.has('item') ? { item: readItem(json.member('item')) } : {}),
  };
}

export const readItem = (json: JsonReader): RewardItem => ({
  kind: json.member('kind').string(),
  code: json.member('code').string(),
  quantity: json.member('quantity').integer(1, Number.MAX_SAFE_INTEGER),
  ...(json.has('expires_after_seconds')
    ? { expiresAfterSeconds: json.member('expires_after_seconds').integer(1, Number.MAX_SAFE_INTEGER) }
    : {}),
});

function readPrize(json: JsonReader): Prize {
  return {
    ...readReward(json),
    weight: json.member('weight').integer(1, UNIFORM_MAX),
    ...(json.has('stock') ? { stock: json.member('stock').integer(0, Number.MAX_SAFE_INTEGER) } : {}),
    ...(json.has('fallback') ? { fallback: json.member('fallback').string() } : {}),
  };
}

/** One `weighted` per roll. A table with only guaranteed rewards draws nothing. */
export function drawTable(draw: Draw, table: BoundTable): number[] {
  const rolls: number[] = [];
  if (table.cumulative.length === 0) return rolls;
  for (let roll = 0; roll < table.table.rolls; roll++) rolls.push(draw.weighted(table.cumulative));
  return rolls;
}

/** `count` opens under one seed: the open with index i is the draw with sub = i. */
export function drawOpens(
  seed: Pick<DrawInputs, 'serverSeed' | 'clientSeed' | 'nonce'>,
  table: BoundTable,
  count: number,
): TableOpen[] {
  const serverSeed = typeof seed.serverSeed === 'string' ? HmacKey.fromHex(seed.serverSeed) : seed.serverSeed;
  const { clientSeed, nonce } = seed;
  const opens: TableOpen[] = [];
  for (let sub = 0; sub < count; sub++) {
    const draw = new Draw({ serverSeed, clientSeed, nonce, sub, configHash: table.configHash });
    const rolls = drawTable(draw, table);
    opens.push({ sub, rolls, wordsConsumed: draw.wordsConsumed });
  }
  return opens;
}
