import { DAY, type TaskOrder } from '../../journal/index.ts';
import { BOARD } from './entities.ts';

/** The task that tells dormant players' journeys. */
export const TELL_DORMANT = 'journey.tell-dormant';

/** The order of the look-up for the day that begins then. */
export const dormantOrder = (at: number): TaskOrder => ({ task: TELL_DORMANT, id: BOARD, at });

/** When the next day of UTC begins, in microseconds since 1970. */
export const nextDay = (now: number): number => (Math.floor(now / DAY) + 1) * DAY;
