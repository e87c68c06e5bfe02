import type { PlayTable, TablePrize } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import type { StoredReward } from '../../gen/ts/windfall/facts/v1/reward.ts';
import { rewardKind, type RewardKind } from '../../src/rewards/index.ts';

/** A prize of nothing, with other values. */
export const prizeOf = (label: string, weight: bigint, values: Partial<TablePrize> = {}): TablePrize => ({
  label,
  weight,
  reward: undefined,
  stock: undefined,
  fallback: '',
  ...values,
});

/** A reward, with other values. */
export const rewardOf = (kind: RewardKind, values: Partial<StoredReward>): StoredReward => ({
  kind: rewardKind[kind],
  asset: '',
  amount: 0n,
  item: '',
  quantity: 0n,
  expiresAfterSeconds: 0n,
  ...values,
});

/** A free table without prizes, with other values. */
export const tableOf = (values: Partial<PlayTable>): PlayTable => ({
  name: 'a box',
  priceAsset: '',
  price: 0n,
  freeAsset: '',
  rolls: 1,
  prizes: [],
  guaranteed: [],
  limits: [],
  startAt: 0n,
  endAt: 0n,
  stockRow: values.prizes?.some(({ stock }) => stock !== undefined) ? 5n : 0n,
  ...values,
});
