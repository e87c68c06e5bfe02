import type { OperatorNo } from '../kernel/index.ts';
import type { AccountId } from './account.ts';
import type { Query } from './pages.ts';

const STORED = 'select a.id, a.balance from operator_account a where a.operator_id = $1 order by a.id';

/** Compares the rolled-up balances of the operator's own accounts with the expected ones. Returns their number. */
export async function compareRolledUp(
  query: Query,
  operator: OperatorNo,
  expected: ReadonlyMap<AccountId, bigint>,
  note: (difference: string) => unknown,
): Promise<number> {
  const rows = await query(STORED, [operator]);
  const stored = new Map(rows.map(([id, balance]) => [Number(id), balance!]));
  for (const id of new Set([...expected.keys(), ...stored.keys()])) {
    const [is, should] = [stored.get(id) ?? 'not stored', String(expected.get(id) ?? 'nothing')];
    if (is !== should) note(`operator_account ${id}: balance is ${is}, the journal says ${should}`);
  }
  return rows.length;
}
