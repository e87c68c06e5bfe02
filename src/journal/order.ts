import { ApiError } from '../kernel/index.ts';

/** An order to run a task at a given time. */
export interface TaskOrder {
  /** The task's name, such as "jackpot.end-cycle". */
  readonly task: string;
  /** What it is about. There is one order for (operator, task, id): a later one replaces it. */
  readonly id: number;
  /** Microseconds since 1970, by the database's clock. */
  readonly at: number;
}

/**
 * Whether an order is due; false: it is outdated, and there is another one for the new time. Throws UNAVAILABLE if the
 * task ran too early, for example because the clock was set back: it is then retried. All times are microseconds since
 * 1970.
 */
export function isDue(dueAt: number, orderedFor: number, now: number): boolean {
  if (dueAt > orderedFor) return false;
  if (dueAt > now) throw new ApiError('UNAVAILABLE', 'it is not time yet', { retryAfterMs: 1000 });
  return true;
}
