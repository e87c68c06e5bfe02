import { ApiError } from '../kernel/index.ts';

/** An order to run a task at a time. */
export interface TaskOrder {
  /** The task's name, as "jackpot.end-cycle". */
  readonly task: string;
  /** What it is about. There is one order for (operator, task, id): a later one replaces it. */
  readonly id: number;
  /** Microseconds since 1970, by the database's clock. */
  readonly at: number;
}

/**
 * Whether what was ordered for a time is due; false: the order is an old one, and there is another for the new time. Refuses
 * where the order came too early, as after a clock that was set back: it is tried again. All times are microseconds since 1970.
 */
export function isDue(dueAt: number, orderedFor: number, now: number): boolean {
  if (dueAt > orderedFor) return false;
  if (dueAt > now) throw new ApiError('UNAVAILABLE', 'it is not time yet', { retryAfterMs: 1000 });
  return true;
}
