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
 * integers. A reward that is not an amount also has `"item":{"code":"sword","kind":"item","quantity":1}`; a prize with
 * stock has `"stock":10`, and `"fallback":"small"` if it names one. The rolls do not depend on what is sold out.
 */
export function bindTable(table: PrizeTable): BoundTable {
  const bound = bindConfig({
    guaranteed: table.guaranteed.map(rewardJson),
    prizes: table.prizes.map(prizeJson),
    rolls: table.rolls,
  });
  return { ...bound, table, cumulative: cumulate(table.prizes.map((prize) => prize.weight)) };
}

function rewardJson({ label, asset, amount, item }: Reward): object {
  return { amount: formatDecimal(amount), asset, label, ...(item === undefined ? {} : { item }) };
}

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

const readItem = (json: JsonReader): RewardItem => ({
  kind: json.member('kind').string(),
  code: json.member('code').string(),
  quantity: json.member('quantity').integer(1, Number.MAX_SAFE_INTEGER),
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
