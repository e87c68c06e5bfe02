import type { TournamentDefinition, TournamentPrize } from '../../../gen/ts/windfall/facts/v1/tournament.ts';
import type {
  CreateTournamentRequest,
  PrizeRange,
  Schedule,
  UpdateTournamentRequest,
} from '../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { checkSchedule, invalid, parseDecimal, type Micros } from '../../kernel/index.ts';

const WHOLE = 1_000_000n;
/** Millionths of the pool that are a percent. */
const PERCENT = 10_000n;
const RANKS_MAX = 100_000n;
const THREE: readonly TournamentPrize[] = [500_000n, 300_000n, 200_000n].map((share) => ({ ranks: 1n, share }));

const amountOf = (text: string, otherwise: Micros): Micros => (text === '' ? otherwise : parseDecimal(text)!);
const microsOf = (time: Date | undefined): bigint => (time === undefined ? 0n : BigInt(time.getTime()) * 1000n);

/** A new tournament. Throws INVALID_ARGUMENT. */
export async function newTournament(
  request: CreateTournamentRequest,
  newId: () => Promise<number>,
): Promise<TournamentDefinition> {
  const { endTime, schedule } = request;
  if (endTime !== undefined && endTime.getTime() <= Date.now()) throw invalid('end_time', 'must be to come');
  return {
    tournament: BigInt(await newId()),
    onlySeason: schedule === undefined ? BigInt(await newId()) : 0n,
    name: request.name || request.id,
    asset: request.prizePool!.asset,
    pool: amountOf(request.prizePool!.amount, 0n),
    pointsPerUnit: amountOf(request.pointsPerUsd, WHOLE),
    scoreRule: request.scoreRule || 'sum',
    sharedTies: request.tiePolicy === 'shared',
    prizes: prizesOf(request.prizeStructure, THREE),
    buyIn: amountOf(request.buyIn, 0n),
    buyInShare: amountOf(request.buyInShare, WHOLE),
    maxEntries: request.maxEntries,
    startAt: microsOf(request.startTime),
    endAt: microsOf(endTime),
    ...scheduleOf(schedule),
  };
}

/** A definition with the changes of an update. Throws INVALID_ARGUMENT if it changes what must not change. */
export function updatedTournament(
  before: TournamentDefinition,
  request: UpdateTournamentRequest,
): TournamentDefinition {
  const { prizePool, schedule, startTime, endTime, tiePolicy } = request;
  if (prizePool !== undefined && prizePool.asset !== before.asset)
    throw invalid('prize_pool.asset', `must be ${before.asset}`);
  if (schedule !== undefined && before.cron === '') throw invalid('schedule', 'cannot be given to one season');
  if (before.cron !== '' && startTime !== undefined) throw invalid('start_time', 'cannot be set beside a schedule');
  if (before.cron !== '' && endTime !== undefined) throw invalid('end_time', 'cannot be set beside a schedule');
  const [startAt, endAt] = [microsOf(startTime) || before.startAt, microsOf(endTime) || before.endAt];
  if (endAt > 0n && endAt <= startAt) throw invalid('end_time', 'must be after start_time');
  return {
    ...before,
    startAt,
    endAt,
    name: request.name ?? before.name,
    pool: prizePool === undefined ? before.pool : amountOf(prizePool.amount, 0n),
    pointsPerUnit: amountOf(request.pointsPerUsd, before.pointsPerUnit),
    scoreRule: request.scoreRule || before.scoreRule,
    sharedTies: tiePolicy === '' ? before.sharedTies : tiePolicy === 'shared',
    prizes: prizesOf(request.prizeStructure, before.prizes),
    buyIn: request.buyIn === undefined ? before.buyIn : amountOf(request.buyIn, 0n),
    buyInShare: amountOf(request.buyInShare, before.buyInShare),
    maxEntries: request.maxEntries ?? before.maxEntries,
    ...(schedule === undefined ? {} : scheduleOf(schedule)),
  };
}

function prizesOf(structure: readonly PrizeRange[], otherwise: readonly TournamentPrize[]): readonly TournamentPrize[] {
  if (structure.length === 0) return otherwise;
  let [ranks, share] = [0n, 0n];
  return structure.map((range, i) => {
    const prize = { ranks: BigInt(range.ranks || 1), share: (parseDecimal(range.percent)! * PERCENT) / WHOLE };
    ranks += prize.ranks;
    share += prize.share;
    if (ranks > RANKS_MAX) throw invalid(`prize_structure[${i}].ranks`, 'takes the ranks beyond 100,000');
    if (share > WHOLE) throw invalid(`prize_structure[${i}].percent`, 'takes the shares beyond 100 percent');
    return prize;
  });
}

function scheduleOf(schedule: Schedule | undefined): Pick<TournamentDefinition, 'cron' | 'zone' | 'durationSeconds'> {
  if (schedule === undefined) return { cron: '', zone: '', durationSeconds: 0n };
  checkSchedule(schedule, 'schedule');
  return { cron: schedule.cron, zone: schedule.zone, durationSeconds: BigInt(schedule.durationSeconds) };
}
