import type { OperatorNo } from '../kernel/index.ts';
import type { Platform } from '../platform/index.ts';

/** What a task is to be run for. */
export interface Order {
  readonly operator: OperatorNo;
  /** What the order is about. */
  readonly id: number;
  /** The time that it was ordered for, in microseconds since 1970. */
  readonly at: number;
}

/**
 * What happens at a time, or takes long. Ordered by a fact (`TaskOrder`), in the transaction that saves it; run again until it
 * resolves, by any server process, so it must be safe to run twice: its effect is a command that decides nothing where it was
 * decided before.
 */
export interface Task {
  /** As "jackpot.end-cycle": never changed, because orders name it. */
  readonly name: string;
  /** Rejects where it cannot be done yet: it is tried again, later and later. */
  run(platform: Platform, order: Order): Promise<void>;
}
