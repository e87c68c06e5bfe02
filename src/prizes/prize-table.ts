import type { PlayTable, TablePrize } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import type { PrizeTable, Reward } from '../fairness/index.ts';
import { rewardKind, rewardKindName } from '../rewards/index.ts';

/** The part of a table that draws depend on. */
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
  const { kind, asset, amount, item, quantity } = reward;
  if (kind === rewardKind.asset) return { label, asset, amount };
  return { label, asset, amount, item: { kind: rewardKindName(kind), code: item, quantity: Number(quantity) } };
}
