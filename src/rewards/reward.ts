import type { StoredReward } from '../../gen/ts/windfall/facts/v1/reward.ts';
import type { RewardItem } from '../fairness/index.ts';
import { formatDecimal, parseDecimal } from '../kernel/index.ts';

/** Kinds of rewards; the numbers are stored. All but assets are handed out by the operator: they become grants. */
export const rewardKind = { asset: 1, item: 2, role: 3, free_rounds: 4, physical: 5 } as const;
export type RewardKind = keyof typeof rewardKind;
const KINDS = new Map<number, RewardKind>(
  Object.entries(rewardKind).map(([name, number]) => [number, name as RewardKind]),
);
export const rewardKindName = (number: number): RewardKind => KINDS.get(number)!;

/** A reward as an admin writes it: RewardInput of the contract. */
interface Input {
  readonly kind: string;
  readonly asset: string;
  readonly amount: string;
  readonly item: string;
  readonly quantity: number;
  readonly expiresAfterSeconds: number;
}

/** The stored form of a reward. */
export function rewardOf({ kind, asset, amount, item, quantity, expiresAfterSeconds }: Input): StoredReward {
  const name = (kind || (asset === '' ? 'item' : 'asset')) as RewardKind;
  return {
    asset,
    item,
    kind: rewardKind[name],
    amount: parseDecimal(amount) ?? 0n,
    quantity: name === 'asset' ? 0n : BigInt(quantity || 1),
    expiresAfterSeconds: BigInt(expiresAfterSeconds),
  };
}

/** What an operator hands out for a reward that is not an asset, as draws are bound to it. */
export const itemOf = ({
  kind,
  item,
  quantity,
  expiresAfterSeconds,
}: Omit<StoredReward, 'asset' | 'amount'>): RewardItem => ({
  kind: rewardKindName(kind),
  code: item,
  quantity: Number(quantity),
  ...(expiresAfterSeconds === 0n ? {} : { expiresAfterSeconds: Number(expiresAfterSeconds) }),
});

/** A reward as it is shown: Reward of the contract. */
export function rewardMessage({ kind, asset, amount, item, quantity, expiresAfterSeconds }: StoredReward) {
  return kind === rewardKind.asset
    ? {
        kind: rewardKindName(kind),
        asset,
        amount: formatDecimal(amount),
        item: undefined,
        quantity: undefined,
        expiresAfterSeconds: undefined,
      }
    : {
        kind: rewardKindName(kind),
        asset: undefined,
        amount: undefined,
        item,
        quantity: Number(quantity),
        expiresAfterSeconds: expiresAfterSeconds === 0n ? undefined : Number(expiresAfterSeconds),
      };
}
