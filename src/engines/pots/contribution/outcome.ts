import type { PotsContributed, PotsRefused } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import type { Micros } from '../../../kernel/index.ts';
import type { Reserved } from '../wallet/reserved.ts';

/** What one instance made of a contribution. */
export type Outcome = Accepted | PotsRefused;

export interface Accepted extends PotsContributed {
  readonly win: PotWon | null;
  /** How many tickets it has earned; null: the instance is no raffle. */
  readonly tickets: number | null;
}

/** What a contribution has won. */
export interface PotWon {
  readonly pot: string;
  readonly amount: Micros;
  readonly withheld: boolean;
}

export interface PotsAnswer {
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  /** In the order of the instances. */
  readonly outcomes: readonly Outcome[];
  /** Set: nothing is contributed yet, because the operator's wallet is to pay. */
  readonly reserved: Reserved | undefined;
  readonly replayed: boolean;
}
