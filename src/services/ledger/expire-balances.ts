import { EXPIRE_TASK, assetOfAccount, expiredBalance, taskOptions } from '../../journal/index.ts';
import { ApiError, type OperatorNo } from '../../kernel/index.ts';
import { expireBalance } from '../../ledger/index.ts';
import type { Platform } from '../../platform/index.ts';

/** How often an account may change while one run reads it. */
const TRIES = 20;

/** The task that takes what has expired from an account. Safe to run twice: the second time nothing has expired. */
export const expireBalances = {
  name: EXPIRE_TASK,
  async run(
    { reads, journal, tenants }: Platform,
    { operator, id }: { readonly operator: OperatorNo; readonly id: number },
  ): Promise<void> {
    const seconds = (await tenants.of(operator)).expiryOf(assetOfAccount(id));
    for (let tries = 0; tries < TRIES; tries++) {
      const expiry = await reads((em) => expiredBalance(em, operator, id, seconds));
      if (expiry === undefined) return;
      if (await journal.run(expireBalance, { ...expiry, account: id }, taskOptions(operator, id))) return;
    }
    throw new ApiError('UNAVAILABLE', 'the account keeps changing', { retryAfterMs: 1000 });
  },
};
