import { invalid, type Micros, formatDecimal } from '../../kernel/index.ts';
import { bindTable, drawTable, itemJson, readTable, type BoundTable, type RewardItem } from '../table.ts';
import { checkConfig, type Given, type Recipe } from './given.ts';

/** What an operation that plays a prize table has drawn. */
export interface TableOutcome {
  /** How many plays were paid with units of the free asset. */
  readonly freePlays: number;
  /** What all plays cost together. */
  readonly price: Micros;
  /** How many of the prizes with stock were won before, in all versions: each label once, in table order. */
  readonly stockWon: readonly { readonly label: string; readonly won: number }[];
  readonly opens: readonly TablePlay[];
  /** What was paid, by the assets' codes, which are in order; without those that nothing was paid of. */
  readonly payouts: readonly { readonly asset: string; readonly amount: Micros }[];
  /** What the operator hands out, in the order in which it was given. */
  readonly grants: readonly TableGrant[];
}

export interface TablePlay {
  readonly rolls: readonly number[];
  /** The indices of the rolls whose prize was sold out. */
  readonly soldOut: readonly number[];
  readonly words: number;
}

/** A grant, by its number. */
export interface TableGrant extends RewardItem {
  readonly id: number | bigint;
}

/** The outcome's canonical text. */
export function tableText({ freePlays, price, stockWon, opens, payouts, grants }: TableOutcome): string {
  const granted = grants.map(({ id, ...item }) => canonicalGrant(id, item));
  const played = opens.map(
    ({ rolls, soldOut, words }) => `{"rolls":[${rolls.join(',')}],"sold_out":[${soldOut.join(',')}],"words":${words}}`,
  );
  const paid = payouts.map(
    ({ asset, amount }) => `{"amount":"${formatDecimal(amount)}","asset":${JSON.stringify(asset)}}`,
  );
  const won = stockWon.map(({ label, won: count }) => `{"label":${JSON.stringify(label)},"won":${count}}`);
  return (
    `{"count":${opens.length},"free_plays":${freePlays},"grants":[${granted.join(',')}],` +
    `"opens":[${played.join(',')}],"payouts":[${paid.join(',')}],"price":"${formatDecimal(price)}",` +
    `"stock_won":[${won.join(',')}]}`
  );
}

function canonicalGrant(id: number | bigint, { code, kind, quantity, expiresAfterSeconds }: RewardItem): string {
  const expires = expiresAfterSeconds === undefined ? '' : `"expires_after_seconds":${expiresAfterSeconds},`;
  return `{"code":${JSON.stringify(code)},${expires}"id":"${id}","kind":"${kind}","quantity":${quantity}}`;
}

const PLAYS_MAX = 1000;
const ID = /^[1-9]\d{0,15}$/;

/** Plays of a prize table: lootboxes and mini-games. */
export const tableRecipe: Recipe = {
  stream: 'player',
  player: true,
  origins: [['start', 'player'], ['request']],
  outcome(given) {
    const { check, stated } = given;
    const table = bindTable(readTable(given.config));
    const { cost } = table.table;
    if (cost === undefined) throw invalid('config.price', 'is missing');
    checkConfig(given, table);
    const count = stated.member('count').integer(1, PLAYS_MAX);
    const freePlays = stated.member('free_plays').integer(0, count);
    check.holds('record.outcome.free_plays', freePlays === 0 || cost.freeAsset !== '', 'were played without an asset');
    const stockWon = readStockWon(given, table);
    const drawn = playsOf(given, table, count, new Map(stockWon.map(({ label, won }) => [label, won])));
    return {
      count,
      free_plays: freePlays,
      price: formatDecimal(cost.amount * BigInt(count - freePlays)),
      stock_won: stockWon,
      ...drawn,
    };
  },
};

/** How many of each prize with stock were won before: only the server knows. */
function readStockWon({ stated }: Given, { table }: BoundTable): { label: string; won: number }[] {
  const labels = [...new Set(table.prizes.flatMap(({ label, stock }) => (stock === undefined ? [] : [label])))];
  const items = stated.member('stock_won').exactItems(labels.length);
  return labels.map((label, i) => ({ label, won: items[i]!.member('won').integer(0, Number.MAX_SAFE_INTEGER) }));
}

/** The plays of an operation one after the other: what they draw from the stock, pay and grant. */
function playsOf({ draw, stated }: Given, bound: BoundTable, count: number, won: Map<string, number>): object {
  const { prizes, guaranteed } = bound.table;
  const sums = new Map<string, Micros>();
  const items: RewardItem[] = [];
  const opens: object[] = [];
  for (let sub = 0; sub < count; sub++) {
    const words = draw(sub);
    const rolls = drawTable(words, bound);
    const soldOut: number[] = [];
    const given = rolls.flatMap((index, roll) => {
      const prize = prizes[index]!;
      const { label, stock, fallback } = prize;
      if (stock === undefined) return [prize];
      const before = won.get(label)!;
      if (before < stock) {
        won.set(label, before + 1);
        return [prize];
      }
      soldOut.push(roll);
      return prizes.filter((other) => other.label === fallback).slice(0, 1);
    });
    for (const { asset, amount, item } of [...given, ...guaranteed]) {
      if (item !== undefined) items.push(item);
      else sums.set(asset, (sums.get(asset) ?? 0n) + amount);
    }
    opens.push({ rolls, sold_out: soldOut, words: words.wordsConsumed });
  }
  return { opens, payouts: payoutsOf(sums), grants: grantsOf(stated, items) };
}

const payoutsOf = (sums: ReadonlyMap<string, Micros>): object[] =>
  [...sums]
    .filter(([, amount]) => amount > 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([asset, amount]) => ({ asset, amount: formatDecimal(amount) }));

/** What is handed out, with the numbers that the server has given it. */
export function grantsOf(stated: Given['stated'], items: readonly RewardItem[]): object[] {
  const given = stated.member('grants').items(items.length);
  return items.map((item, i) => ({ ...itemJson(item), id: given[i]?.member('id').matching(ID) ?? '' }));
}
