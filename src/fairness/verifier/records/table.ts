import { decimal, micros, type Json } from '../json.ts';
import type { Given, Recipe } from './recipe.ts';
import { amount, int, list, object, text } from './shape.ts';

export const item = {
  code: text(),
  kind: text(),
  quantity: int(1),
};
export const itemExpires = { expires_after_seconds: int(1) };
const reward = { amount, asset: text(), label: text() };
const rewardItem = { item: object(item, itemExpires) };
export const grants = list(object({ ...item, id: text(/^[1-9]\d{0,15}$/) }, itemExpires), 0, 1_000_000);

/** Plays of a prize table. */
export const table: Recipe = {
  stream: 'player',
  player: true,
  origins: [['start', 'player'], ['request']],
  config: object({
    free_asset: text(),
    guaranteed: list(object(reward, rewardItem), 0, 200),
    price: object({ amount, asset: text() }),
    prizes: list(object({ ...reward, weight: int(1) }, { ...rewardItem, stock: int(), fallback: text() }), 0, 200),
    rolls: int(1, 20),
  }),
  outcome: object({
    count: int(1, 1000),
    free_plays: int(),
    grants,
    opens: list(object({ rolls: list(int(), 0, 20), sold_out: list(int(), 0, 20), words: int() }), 1, 1000),
    payouts: list(object({ amount, asset: text() }), 0, 400),
    price: amount,
    stock_won: list(object({ label: text(), won: int() }), 0, 200),
  }),
  compute({ config, outcome, dice }: Given): Json {
    const { prizes, guaranteed, rolls, price, free_asset: freeAsset } = config;
    const { count, free_plays: freePlays, stock_won: stockWon } = outcome;
    if (freePlays > count || (freePlays > 0 && freeAsset === '')) throw new Error('outcome.free_plays: cannot be');
    const labels: string[] = [...new Set<string>(prizes.filter(hasStock).map(({ label }: Json) => label))];
    if (labels.length !== stockWon.length) throw new Error('outcome.stock_won: is not of the prizes with stock');
    const won: Record<string, number> = Object.create(null);
    labels.forEach((label, i) => (won[label] = stockWon[i].won));
    const given: Json[] = [];
    const opens: Json[] = [];
    const weights = prizes.map(({ weight }: Json) => weight);
    for (let sub = 0; sub < count; sub++) {
      const words = dice(sub);
      const drawn: number[] = [];
      while (weights.length > 0 && drawn.length < rolls) drawn.push(words.weighted(weights));
      const soldOut = drawn.flatMap((index, roll) => {
        const { label, stock, fallback } = prizes[index];
        const there = stock === undefined || won[label]! < stock;
        if (there && stock !== undefined) won[label]! += 1;
        const gives = there ? prizes[index] : prizes.find((other: Json) => other.label === fallback);
        if (gives !== undefined) given.push(gives);
        return there ? [] : [roll];
      });
      given.push(...guaranteed);
      opens.push({ rolls: drawn, sold_out: soldOut, words: words.taken });
    }
    return {
      count,
      opens,
      free_plays: freePlays,
      price: decimal(micros(price.amount) * BigInt(count - freePlays)),
      stock_won: labels.map((label, i) => ({ label, won: stockWon[i].won })),
      payouts: payoutsOf(given),
      grants: grantsOf(
        given.flatMap((one) => one.item ?? []),
        outcome.grants,
      ),
    };
  },
};

const hasStock = ({ stock }: Json): boolean => stock !== undefined;

function payoutsOf(given: Json[]): Json[] {
  const assets = [...new Set(given.filter((one) => !one.item).map(({ asset }) => asset))].sort((a, b) =>
    a < b ? -1 : 1,
  );
  const paid = assets.map((asset) => {
    const amounts = given.filter((one) => !one.item && one.asset === asset).map((one) => micros(one.amount));
    return { asset, amount: decimal(amounts.reduce((sum, one) => sum + one, 0n)) };
  });
  return paid.filter((one) => one.amount !== '0');
}

/** The grants of items, in order, with the numbers that the server has given them. */
export const grantsOf = (items: Json[], stated: Json[]): Json[] =>
  items.map((one, i) => ({ ...one, id: stated[i]?.id ?? '' }));
