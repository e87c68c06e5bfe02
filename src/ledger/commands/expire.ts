import { BalanceExpired } from '../../../gen/ts/windfall/facts/v1/ledger.ts';
import {
  account,
  accountId,
  assetOfAccount,
  defineFact,
  EXPIRE_TASK,
  type AccountId,
  type Command,
} from '../../journal/index.ts';
import { ApiError, type Micros } from '../../kernel/index.ts';

/** A part of a balance has expired. */
export const balanceExpired = defineFact<BalanceExpired>({
  name: 'ledger.expired',
  number: 304,
  version: 1,
  aggregate: account,
  codec: BalanceExpired,
  evolve() {
    // It changes nothing except through its transfer.
  },
});

/** What of a balance has expired, as it was read. Times are microseconds since 1970. */
export interface Expiry {
  readonly account: AccountId;
  /** The number of the account's statement lines that it was computed from. */
  readonly lines: number;
  readonly amount: Micros;
  /** When it was read. */
  readonly readAt: number;
  /** Credits until then have expired. */
  readonly until: number;
  /** When to look again; 0: nothing is left. */
  readonly nextAt: number;
}

/**
 * Takes what has expired from an account, and orders the task for what is left. Resolves to false, and decides nothing,
 * if the account has changed since it was read.
 */
export const expireBalance: Command<Expiry, boolean> = {
  name: EXPIRE_TASK,
  needs: ({ account: id }, rows) => rows.lock(account, id),
  decide({ account: id, lines, amount, readAt, until, nextAt }, snapshot) {
    if (snapshot.row(account, id).lines !== lines) return [];
    if (snapshot.now < readAt) throw new ApiError('UNAVAILABLE', 'the clock was set back', { retryAfterMs: 1000 });
    const house = accountId('operator', 0, assetOfAccount(id));
    const data: BalanceExpired = { until: BigInt(until), nextAt: BigInt(nextAt) };
    const transfers = amount === 0n ? [] : [{ from: id, to: house, amount }];
    const tasks = nextAt === 0 ? [] : [{ task: EXPIRE_TASK, id, at: nextAt }];
    return [{ kind: balanceExpired, id, data, transfers, tasks }];
  },
  answer: ({ facts }) => facts.length > 0,
};
