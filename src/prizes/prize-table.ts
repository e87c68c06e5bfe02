import type { PlayTable, TablePrize } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import type { PrizeTable, Reward } from '../fairness/index.ts';
import { itemOf, rewardKind } from '../rewards/index.ts';

/** A table with what a play costs: what draws are bound to. */
export const pricedTable = (content: PlayTable): PrizeTable => ({
  ...prizeTable(content),
  cost: { asset: content.priceAsset, amount: content.price, freeAsset: content.freeAsset },
});

/** The part of a table that decides its draws: all that draws of windfall/1 were bound to. */
export function prizeTable({ rolls, prizes, guaranteed }: PlayTable): PrizeTable {
  return {
    rolls,
    guaranteed: guaranteed.map(drawnReward),
    prizes: prizes.map((prize) => ({
      ...drawnReward(prize),
      weight: Number(prize.weight),
      ...(prize.stock === undefined ? {} : { stock: Number(prize.stock) }),
      ...(prize.fallback === '' ? {} : { fallback: prize.fallback }),
    })),
  };
}

function drawnReward({ label, reward }: TablePrize): Reward {
  if (reward === undefined) return { label, asset: '', amount: 0n };
  const { kind, asset, amount } = reward;
  if (kind === rewardKind.asset) return { label, asset, amount };
  return { label, asset, amount, item: itemOf(reward) };
}
