import { RaffleDefinition, type RafflePrize } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import type {
  CreateRaffleRequest,
  Raffle as RaffleMessage,
  UpdateRaffleRequest,
} from '../../../gen/ts/windfall/raffle/v1/raffle.ts';
import { defineDefinition, type Opening, type VersionName } from '../../catalogue/index.ts';
import { newStream, seedStream, streamId, WINNERS_MAX } from '../../fairness/index.ts';
import type { AssetNo, TaskOrder } from '../../journal/index.ts';
import { fromNumber, invalid, parseDecimal } from '../../kernel/index.ts';
import { bindRewards, rewardKind, rewardOf, type BoundReward } from '../../rewards/index.ts';
import { openPool, poolNeeds, poolState, ticketPool } from '../../tickets/index.ts';
import { raffleMessage } from './view.ts';

/** A version prepared for sales and draws. */
export interface Raffle extends VersionName {
  readonly content: RaffleDefinition;
  /** The number of the pool's row. */
  readonly pool: number;
  readonly asset: AssetNo;
  readonly freeAsset: AssetNo | null;
  /** The assets that tickets may cost. */
  readonly ticketAssets: readonly AssetNo[];
  /** The reward of each winner, in the order in which they are drawn. */
  readonly rewards: readonly BoundReward[];
}

/** The largest number of tickets: their numbers are 32-bit integers in the contract. */
const TICKETS_MAX = 2 ** 31 - 1;
/** Draws a raffle: at its time, and after a crash. */
export const DRAW = 'raffle.draw';

/** The order to draw a raffle at its time. */
export const drawOrder = ({ pool, drawAt }: RaffleDefinition): TaskOrder[] =>
  drawAt === 0n ? [] : [{ task: DRAW, id: Number(pool), at: Number(drawAt) }];

/** Opens the pool when the raffle first becomes active, and commits the seed of its draw. */
const opening: Opening<RaffleDefinition, { readonly streamName: string; readonly keyId: string }> = {
  prepare: (_, keys) => ({ streamName: newStream('raffle'), keyId: keys.currentId }),
  needs: ({ pool }, rows) => poolNeeds(Number(pool), rows),
  open: (content, { definitionId, prepared }) => [
    { ...openPool(Number(content.pool), definitionId, prepared), tasks: drawOrder(content) },
  ],
};

/** Raffles' definitions: what players buy never changes; name, times and the total of tickets may. */
export const raffles = defineDefinition<
  RaffleDefinition,
  Raffle,
  CreateRaffleRequest,
  UpdateRaffleRequest,
  Partial<RaffleMessage>
>({
  engine: 'raffle',
  nouns: { one: 'Raffle', many: 'Raffles' },
  reasons: { notFound: 'RAFFLE_NOT_FOUND', notActive: 'RAFFLE_NOT_ACTIVE' },
  format: 1,
  encode: (content) => RaffleDefinition.encode(content).finish(),
  read: (_, bytes) => RaffleDefinition.decode(bytes),
  create: async (request, newId) =>
    checked({
      name: request.name || request.id,
      ticketAsset: request.ticketAsset || 'WINZ',
      ticketCost: parseDecimal(request.ticketCost) ?? 0n,
      freeAsset: request.freeAsset,
      prizes: prizesOf(request),
      onePerPlayer: request.onePerPlayer,
      maxTickets: BigInt(request.maxTickets || TICKETS_MAX),
      maxPerPlayer: BigInt(request.maxTicketsPerPlayer),
      salesStart: micros(request.salesStart),
      salesEnd: micros(request.salesEnd),
      drawAt: micros(request.drawTime),
      entropy: request.entropy || 'none',
      pool: BigInt(await newId()),
    }),
  update: (before, { name, maxTickets, salesStart, salesEnd, drawTime }) =>
    checked({
      ...before,
      name: name ?? before.name,
      maxTickets: BigInt(maxTickets) || before.maxTickets,
      salesStart: micros(salesStart) || before.salesStart,
      salesEnd: micros(salesEnd) || before.salesEnd,
      drawAt: micros(drawTime) || before.drawAt,
    }),
  // What a draw depends on is known when the pool is closed.
  configHash: () => new Uint8Array(),
  bind({ content, ...name }, tenant) {
    const assetNo = (code: string): AssetNo => tenant.assetNo(code);
    const asset = assetNo(content.ticketAsset);
    const freeAsset = content.freeAsset === '' ? null : assetNo(content.freeAsset);
    return {
      ...name,
      content,
      asset,
      freeAsset,
      pool: Number(content.pool),
      ticketAssets: [...(content.ticketCost > 0n ? [asset] : []), ...(freeAsset === null ? [] : [freeAsset])],
      rewards: content.prizes.flatMap(({ reward, winners }) =>
        Array<BoundReward>(winners).fill(bindRewards([reward!], assetNo)[0]!),
      ),
    };
  },
  show: (shown, showing) => raffleMessage(shown, showing),
  shows: ({ pool }) => [
    [ticketPool, Number(pool)],
    [seedStream, streamId('raffle', Number(pool))],
  ],
  locks: ({ pool }) => [[ticketPool, Number(pool)]],
  opening,
  ordersOf(content, rows) {
    const { id, state, closedAt } = rows.row(ticketPool, Number(content.pool));
    if (state === poolState.closed) return [{ task: DRAW, id, at: closedAt }];
    return state === poolState.open ? drawOrder(content) : [];
  },
});

/** The prizes of a request: `prize_winz` is the only one. Throws INVALID_ARGUMENT. */
function prizesOf({ prizeWinz, prizes }: CreateRaffleRequest): RafflePrize[] {
  if (prizes.length > 0)
    return prizes.map(({ reward, winners }) => ({ reward: rewardOf(reward!), winners: winners || 1 }));
  const amount = fromNumber(prizeWinz);
  if (amount === undefined) throw invalid('prize_winz', 'must have at most 6 decimals');
  const nothing = { item: '', quantity: 0n, expiresAfterSeconds: 0n };
  return [{ reward: { ...nothing, kind: rewardKind.asset, asset: 'WINZ', amount }, winners: 1 }];
}

const micros = (time: Date | undefined): bigint => (time === undefined ? 0n : BigInt(time.getTime()) * 1000n);

/** Throws INVALID_ARGUMENT for fields that do not go together. */
function checked(content: RaffleDefinition): RaffleDefinition {
  const { salesStart, salesEnd, drawAt, entropy, ticketAsset, freeAsset, prizes } = content;
  const winners = prizes.reduce((sum, prize) => sum + prize.winners, 0);
  if (winners > WINNERS_MAX) throw invalid('prizes', `must have at most ${WINNERS_MAX} winners together`);
  if (freeAsset === ticketAsset) throw invalid('free_asset', 'must be another asset than ticket_asset');
  if (salesEnd !== 0n && salesEnd <= salesStart) throw invalid('sales_end', 'must be after sales_start');
  if (drawAt !== 0n && drawAt <= salesStart) throw invalid('draw_time', 'must be after sales_start');
  if (drawAt !== 0n && drawAt < salesEnd) throw invalid('draw_time', 'must not be before sales_end');
  if (drawAt !== 0n && entropy === 'caller')
    throw invalid('draw_time', 'must be unset where the entropy is the caller’s');
  return content;
}
