import type { RaffleDefinition } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import type { StoredReward } from '../../../gen/ts/windfall/facts/v1/reward.ts';
import type { Beacon, Raffle } from '../../../gen/ts/windfall/raffle/v1/raffle.ts';
import type { Shown, ViewOptions } from '../../catalogue/index.ts';
import { EMPTY_POOL_HASH, readableSince, seedHashes, seedStream, streamId } from '../../fairness/index.ts';
import { formatDecimal, toNumber } from '../../kernel/index.ts';
import { rewardKind, rewardMessage } from '../../rewards/index.ts';
import { poolStateName, ticketPool } from '../../tickets/index.ts';

const date = (micros: number | bigint): Date | undefined =>
  Number(micros) === 0 ? undefined : new Date(Number(micros) / 1000);

/** A reward as the documented `prize_winz` shows it: 0 for anything but WINZ. */
export const prizeWinz = (reward: StoredReward | undefined): number =>
  reward?.kind === rewardKind.asset && reward.asset === 'WINZ' ? toNumber(reward.amount) : 0;

/** The beacon that a closing has named. */
export const beaconMessage = (chainHash: string, round: bigint | number, signature?: string): Beacon | undefined =>
  chainHash === '' ? undefined : { chainHash, round: BigInt(round), signature };

/** A raffle with its pool and the commitment to the seed of its draw. */
export function raffleMessage(
  { content }: Pick<Shown<RaffleDefinition>, 'content'>,
  { rows, keys }: ViewOptions,
): Partial<Raffle> {
  const id = Number(content.pool);
  const pool = rows.row(ticketPool, id);
  const stream = rows.row(seedStream, streamId('raffle', id));
  const state = poolStateName(pool.state);
  const since = stream.since || stream.movedAt;
  return {
    name: content.name,
    state,
    ticketAsset: content.ticketAsset,
    ticketCost: formatDecimal(content.ticketCost),
    freeAsset: content.freeAsset || undefined,
    prizeWinz: prizeWinz(content.prizes[0]!.reward),
    prizes: content.prizes.map(({ reward, winners }) => ({ reward: rewardMessage(reward!), winners })),
    winners: content.prizes.reduce((sum, { winners }) => sum + winners, 0),
    onePerPlayer: content.onePerPlayer,
    maxTickets: Number(content.maxTickets),
    maxTicketsPerPlayer: Number(content.maxPerPlayer),
    salesStart: date(content.salesStart),
    salesEnd: date(content.salesEnd),
    drawTime: date(content.drawAt),
    entropy: content.entropy,
    tickets: pool.tickets,
    entries: pool.entries,
    poolHash: pool.poolHash || EMPTY_POOL_HASH,
    serverSeedHash: stream.name === '' ? undefined : seedHashes(keys, stream, 0, 1)[0],
    seedReadableSince:
      pool.definitionId === 0 ? undefined : date(stream.position > 0 ? since : readableSince(since, keys.epoch)),
    closeTime: date(pool.closedAt),
    beacon: beaconMessage(pool.beaconChain, pool.beaconRound),
    drawId: state === 'completed' ? pool.endedBy : undefined,
    endTime: date(pool.endedAt),
  };
}
