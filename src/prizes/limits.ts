import { defineEntity, type InferEntity } from '@mikro-orm/core';
import type { PlaysCounted, PlayTable } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { column, stateKey, uniqueCode } from '../db/index.ts';
import { stateTable, type RowOf } from '../journal/index.ts';
import { ApiError, dayIn, startOfDay } from '../kernel/index.ts';

/** A player's plays of a definition that has limits. */
export const PlayCounterSchema = defineEntity({
  name: 'PlayCounter',
  tableName: 'play_counter',
  properties: {
    ...stateKey,
    /** `<definition>/<player>`. */
    code: column.code(),
    /** All plays. */
    plays: column.integer(),
    lastAt: column.time(),
    /** Plays since the count last started anew. */
    run: column.integer(),
    /** The day of the last play in UTC, counted from 1970, and the plays of it. */
    utcDay: column.integer(),
    utcPlays: column.integer(),
    /** The latest day in the player's zone, and the plays of it. */
    playerDay: column.integer(),
    playerPlays: column.integer(),
  },
  uniques: uniqueCode('play_counter'),
});
/**
 * Locked after the player: of two operations of one player, the later one finds the row that the earlier one created.
 */
export const playCounter = stateTable(PlayCounterSchema, { number: 603, rank: 4 });
export type CounterRow = RowOf<InferEntity<typeof PlayCounterSchema>>;

export const counterCode = (definition: number, player: number): string => `${definition}/${player}`;

const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;
const utcDayOf = (time: number): number => Math.floor(time / DAY);

type Limit = PlayTable['limits'][number];

/** When plays are made. */
interface Moment {
  /** Microseconds since 1970. */
  readonly now: number;
  /** The player's IANA zone; empty: UTC. */
  readonly zone: string;
}

/** How much of a limit is used, and when it starts anew; undefined: never. */
function usedOf({ period, seconds }: Limit, row: CounterRow, { now, zone }: Moment): [number, number | undefined] {
  switch (period) {
    case 'from_last': {
      const anewAt = row.lastAt + Number(seconds) * SECOND;
      return [now >= anewAt ? 0 : row.run, anewAt];
    }
    case 'utc_day':
      // A clock that was set back starts no earlier day: one day would count twice.
      return [utcDayOf(now) > row.utcDay ? 0 : row.utcPlays, (row.utcDay + 1) * DAY];
    case 'player_day':
      return [dayIn(zone, now) > row.playerDay ? 0 : row.playerPlays, startOfDay(zone, row.playerDay + 1)];
    default:
      return [row.plays, undefined];
  }
}

/** Throws PLAY_LIMIT_REACHED if a player may not play that often now. */
export function requireWithin(
  id: string,
  limits: readonly Limit[],
  row: CounterRow,
  plays: number,
  moment: Moment,
): void {
  for (const limit of limits) {
    const [used, anewAt] = usedOf(limit, row, moment);
    if (used + plays <= Number(limit.count)) continue;
    const waits = anewAt !== undefined && used > 0;
    throw new ApiError('PLAY_LIMIT_REACHED', `${used} of ${limit.count} plays (${limit.period}) are used`, {
      details: {
        id,
        period: limit.period,
        limit: String(limit.count),
        used: String(used),
        ...(waits ? { open_time: new Date(anewAt / 1000).toISOString() } : {}),
      },
    });
  }
}

/** How plays count, as their fact says it. */
export function countedOf(
  limits: readonly Limit[],
  row: CounterRow,
  plays: number,
  { now, zone }: Moment,
): Omit<PlaysCounted, 'row' | 'created'> {
  const run = limits.find(({ period }) => period === 'from_last');
  return {
    plays: BigInt(plays),
    anew: run !== undefined && now >= row.lastAt + Number(run.seconds) * SECOND,
    playerDay: BigInt(dayIn(zone, now)),
  };
}

/** Counts plays. Days only go forward: neither a clock that was set back nor another zone gives a day twice. */
export function countPlays(row: CounterRow, { plays, anew, playerDay }: PlaysCounted, time: number): void {
  const [count, local, utc] = [Number(plays), Number(playerDay), utcDayOf(time)];
  row.plays += count;
  row.run = (anew ? 0 : row.run) + count;
  row.lastAt = Math.max(row.lastAt, time);
  row.utcPlays = (utc > row.utcDay ? 0 : row.utcPlays) + count;
  row.utcDay = Math.max(row.utcDay, utc);
  row.playerPlays = (local > row.playerDay ? 0 : row.playerPlays) + count;
  row.playerDay = Math.max(row.playerDay, local);
}
