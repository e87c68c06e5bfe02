import type { EntityManager } from '@mikro-orm/postgresql';
import type { OperatorNo } from '../kernel/index.ts';

/** An arbitrary unique number. */
const INSTALLATION = 7_263_548_102;

/** Makes others who create operators wait for the end of this transaction: two would both create what is missing. */
export const lockInstallation = (em: EntityManager): Promise<unknown> =>
  em.execute('select pg_advisory_xact_lock(?)', [INSTALLATION]);

/** Makes other administrative changes of the operator wait for the end of this transaction. */
export const lockOperator = (em: EntityManager, operator: OperatorNo): Promise<unknown> =>
  em.execute('select operator_id from operator where operator_id = ? for no key update', [operator]);

/** The same by the operator's name. Returns its number; undefined: there is none. */
export async function lockOperatorNamed(em: EntityManager, name: string): Promise<OperatorNo | undefined> {
  const text = 'select operator_id from operator where name = ? for no key update';
  const [row] = await em.execute<{ operator_id: string }[]>(text, [name]);
  return row && Number(row.operator_id);
}
