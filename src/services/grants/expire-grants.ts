import { taskOptions } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { expireGrant } from '../../rewards/index.ts';

interface Order {
  readonly operator: OperatorNo;
  /** The number of the grant. */
  readonly id: number;
  readonly at: number;
}

/** The task by which a grant expires that nobody has confirmed. */
export const expireGrants = {
  name: expireGrant.name,
  run: ({ journal }: Platform, { operator, id, at }: Order): Promise<void> =>
    journal.run(expireGrant, { id, at }, taskOptions(operator, id)),
};
