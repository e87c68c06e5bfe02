import type { Micros } from '../../../kernel/index.ts';

/** An HTTP wallet pays. */
export interface WalletUse {
  /** The number of the row of `walletCall`. */
  readonly row: number;
  /** The version of the wallet, if the payment is to be reserved. */
  readonly version?: number;
  /** After which time a task finishes what is reserved now. */
  readonly resumeMs?: number;
  /** What was debited for each instance, by its UUID; or the cause for which it had rejected the contribution. */
  readonly debited?: ReadonlyMap<string, Micros | string>;
}
