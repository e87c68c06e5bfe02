import type { OperatorNo } from '../kernel/index.ts';
import type { Platform } from '../platform/index.ts';

/** The order that a task is run for. */
export interface Order {
  readonly operator: OperatorNo;
  /** The number of the row that the order is about. */
  readonly id: number;
  /** The time that it was ordered for, in microseconds since 1970. */
  readonly at: number;
}

/**
 * Work that is done at a given time, or that takes long. A fact orders it (`TaskOrder`), in the transaction that saves
 * the fact. It is retried until it resolves, by any server process, so it must be safe to run twice: its effect is a
 * command that decides nothing if it was decided before.
 */
export interface Task {
  /** Such as "jackpot.end-cycle": never changed, because orders name it. */
  readonly name: string;
  /** Rejects if it cannot be done yet: it is then retried with growing delays. */
  run(platform: Platform, order: Order): Promise<void>;
}
