import { account, type AccountId, type Snapshot } from '../journal/index.ts';
import { MICROS_MAX, type Micros } from '../kernel/index.ts';

/**
 * Tells of one payment after another whether the balance can hold it. One that does not fit is not made: the next ones
 * may.
 */
export function fitting(snapshot: Snapshot): (to: AccountId, amount: Micros) => boolean {
  const balances = new Map<AccountId, Micros>();
  return (to, amount) => {
    const after = (balances.get(to) ?? snapshot.row(account, to).balance) + amount;
    if (after > MICROS_MAX) return false;
    balances.set(to, after);
    return true;
  };
}
