import type { Granted, StoredReward } from '../../gen/ts/windfall/facts/v1/reward.ts';
import {
  account,
  accountId,
  outOfRange,
  type AssetNo,
  type RowRequests,
  type Snapshot,
  type TaskOrder,
  type Transfer,
} from '../journal/index.ts';
import { ApiError, MICROS_MAX, type Micros } from '../kernel/index.ts';
import { guard, player as players, type PlayerRow } from '../players/index.ts';
import { expireGrant, grantId, hasRoom } from './grant.ts';
import { rewardKind } from './reward.ts';

/** A reward prepared for deciding. */
export interface BoundReward extends StoredReward {
  /** The number of its asset; 0 for other kinds. */
  readonly assetNo: AssetNo;
}

/** Prepares rewards. Throws ASSET_NOT_FOUND. */
export function bindRewards(rewards: readonly StoredReward[], assetNo: (code: string) => AssetNo): BoundReward[] {
  return rewards.map((reward) => ({
    ...reward,
    assetNo: reward.kind === rewardKind.asset ? assetNo(reward.asset) : 0,
  }));
}

const isAsset = ({ kind }: BoundReward): boolean => kind === rewardKind.asset;

/**
 * Requests all rows that rewards may change: request those of every possible outcome. The player's guard row is locked
 * only if a grant is among them.
 */
export function rewardNeeds(rows: RowRequests, player: number, rewards: readonly BoundReward[]): void {
  for (const reward of rewards) {
    if (isAsset(reward)) rows.lock(account, accountId('player', player, reward.assetNo));
    else {
      rows.lock(guard, player);
      rows.read(players, player);
    }
  }
}

/** What a player gets. */
export interface Award {
  readonly player: number;
  readonly rewards: readonly BoundReward[];
}

/** The effects of awards, for a fact: its `evolve` calls `createGrants` with `granted`. */
export interface Awarded {
  readonly transfers: readonly Transfer[];
  readonly granted: readonly Granted[];
  readonly tasks: readonly TaskOrder[];
}

/**
 * Awards rewards, paid from the operator's accounts, or from an account that `from` names. Throws
 * BALANCE_OUT_OF_RANGE if a player cannot hold them; where a draw decides, call `requireRoom` for the largest outcome
 * before the draw. @param definition the number of the definition's head that they come from. @param before what the
 * same decision has granted before: `snapshot` does not show it yet.
 */
export function award(
  snapshot: Snapshot,
  definition: number,
  awards: readonly Award[],
  from: (asset: AssetNo) => number = (asset) => accountId('operator', 0, asset),
  before: readonly Granted[] = [],
): Awarded {
  const transfers: Transfer[] = [];
  const granted: Granted[] = [];
  const counts = new Map<number, number>();
  for (const { player, rewards } of awards) {
    for (const reward of rewards) {
      if (isAsset(reward)) {
        const to = accountId('player', player, reward.assetNo);
        transfers.push({ from: from(reward.assetNo), to, amount: reward.amount });
        continue;
      }
      const nth = (counts.get(player) ?? countOf(snapshot, player, before)) + 1;
      if (!hasRoom(nth, 0)) throw tooMany();
      counts.set(player, nth);
      granted.push(grantedOf(reward, snapshot.row(players, player), nth, definition, snapshot.now));
    }
  }
  const expiring = granted.filter(({ expiresAt }) => expiresAt !== 0n);
  const tasks = expiring.map((one) => ({ task: expireGrant.name, id: Number(one.grant), at: Number(one.expiresAt) }));
  return { transfers, granted, tasks };
}

function countOf(snapshot: Snapshot, player: number, before: readonly Granted[]): number {
  return snapshot.row(guard, player).grants + before.filter((one) => Number(one.player) === player).length;
}

function grantedOf(
  { kind, item, quantity, expiresAfterSeconds }: BoundReward,
  { id: player, brandId }: Readonly<PlayerRow>,
  nth: number,
  definition: number,
  now: number,
): Granted {
  return {
    kind,
    item,
    quantity,
    grant: BigInt(grantId(player, nth)),
    player: BigInt(player),
    expiresAt: expiresAfterSeconds === 0n ? 0n : BigInt(now) + expiresAfterSeconds * 1_000_000n,
    definition: BigInt(definition),
    brand: BigInt(brandId),
  };
}

/** The largest outcome of a draw: for each asset the most that it credits, and the most grants. */
export interface Most {
  readonly amounts: ReadonlyMap<AssetNo, Micros>;
  readonly grants: number;
}

/** Throws BALANCE_OUT_OF_RANGE if the largest outcome might not fit: no error may depend on the outcome of a draw. */
export function requireRoom(
  snapshot: Snapshot,
  player: number,
  { amounts, grants }: Most,
  assetCode: (asset: AssetNo) => string,
): void {
  for (const [asset, most] of amounts) {
    const id = accountId('player', player, asset);
    if (snapshot.row(account, id).balance + most > MICROS_MAX) throw outOfRange(id, assetCode);
  }
  if (grants > 0 && !hasRoom(snapshot.row(guard, player).grants, grants)) throw tooMany();
}

const tooMany = (): ApiError => new ApiError('BALANCE_OUT_OF_RANGE', 'the player has more grants than one can have');
