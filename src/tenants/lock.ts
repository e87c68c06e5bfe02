import type { EntityManager } from '@mikro-orm/postgresql';
import type { OperatorNo } from '../kernel/index.ts';

/** Makes other administrative changes of the operator wait for the end of this transaction. */
export const lockOperator = (em: EntityManager, operator: OperatorNo): Promise<unknown> =>
  em.execute('select operator_id from operator where operator_id = ? for no key update', [operator]);
