import { isLocked, type AccountId, type Following } from '../journal/index.ts';
import type { Micros } from '../kernel/index.ts';

export const ROLL_UP = 'roll-up';

/**
 * Works out the balances of the operator's own accounts. Batches do not touch them, or all would queue on a handful of rows;
 * their balance at any moment is what is rolled up plus what came after the cursor.
 */
export const rollUp: Following = {
  name: ROLL_UP,
  async apply(operator, facts, execute) {
    const sums = new Map<AccountId, Micros>();
    const add = (id: AccountId, amount: Micros): void => {
      if (!isLocked(id)) sums.set(id, (sums.get(id) ?? 0n) + amount);
    };
    for (const { transfers } of facts) {
      for (const { from, to, amount } of transfers) {
        add(from, -amount);
        add(to, amount);
      }
    }
    if (sums.size === 0) return;
    const ids = [...sums.keys()].sort((a, b) => a - b);
    await execute('insert into account as a (operator_id, id, balance) select o.operator_id, u.id, u.amount '
      + 'from operator o cross join unnest($2::int8[], $3::int8[]) as u(id, amount) where o.operator_id = $1 '
      + 'order by u.id on conflict (operator_id, id) do update set balance = a.balance + excluded.balance',
    [operator, ids, ids.map((id) => sums.get(id)!)]);
  },
};
