import type { TournamentDefinition } from '../../../gen/ts/windfall/facts/v1/tournament.ts';
import type {
  Season as SeasonMessage,
  Tournament as TournamentMessage,
} from '../../../gen/ts/windfall/tournament/v1/tournament.ts';
import type { RowOf } from '../../journal/index.ts';
import { formatDecimal } from '../../kernel/index.ts';
import type { InferEntity } from '@mikro-orm/core';
import { seasonStatus, type SeasonRow, type TournamentSchema } from './entities.ts';

const PERCENT = 10_000n;

/** A time, unless it is the epoch. */
export const date = (micros: number | bigint): Date | undefined =>
  Number(micros) === 0 ? undefined : new Date(Number(micros) / 1000);

/** The message of a tournament: its definition, and its current season. */
export function tournamentMessage(
  content: TournamentDefinition,
  head: Readonly<RowOf<InferEntity<typeof TournamentSchema>>>,
): Partial<TournamentMessage> {
  return {
    name: content.name,
    prizePool: { asset: content.asset, amount: formatDecimal(content.pool) },
    pointsPerUsd: formatDecimal(content.pointsPerUnit),
    scoreRule: content.scoreRule,
    tiePolicy: content.sharedTies ? 'shared' : 'first_to_reach',
    prizeStructure: content.prizes.map(({ ranks, share }) => ({
      ranks: Number(ranks),
      percent: formatDecimal((share * 1_000_000n) / PERCENT),
    })),
    buyIn: formatDecimal(content.buyIn),
    buyInShare: formatDecimal(content.buyInShare),
    maxEntries: content.maxEntries,
    startTime: date(content.startAt),
    endTime: date(content.endAt),
    schedule:
      content.cron === ''
        ? undefined
        : { cron: content.cron, zone: content.zone, durationSeconds: Number(content.durationSeconds) },
    season: head.season,
    seasonStartTime: date(head.startAt),
    seasonEndTime: date(head.endAt),
    nextSeasonTime: date(head.nextAt),
  };
}

/** What a season is doing. @param settled whether all payments of a closed one were made; now: microseconds. */
export function seasonState({ status, startAt, endAt }: SeasonRow, settled: boolean, now: number): string {
  if (status !== seasonStatus.open)
    return !settled ? 'settling' : status === seasonStatus.completed ? 'completed' : 'cancelled';
  if (now < startAt) return 'scheduled';
  return endAt !== 0 && now >= endAt ? 'ended' : 'open';
}

/** The message of a season. */
export function seasonMessage(row: SeasonRow, settled: boolean, now: number): SeasonMessage {
  return {
    number: row.number,
    status: seasonState(row, settled, now),
    startTime: date(row.startAt),
    endTime: date(row.endAt),
    closeTime: date(row.closedAt),
    entries: BigInt(row.entries),
    ranked: BigInt(row.ranked),
    scores: BigInt(row.scores),
    pool: formatDecimal(row.pool),
    tournamentVersion: row.version,
  };
}
