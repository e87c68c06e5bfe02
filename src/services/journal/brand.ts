import { playersOf, type Operation } from '../../journal/index.ts';
import type { Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';

/**
 * Whether a caller may know of an operation: a credential of one brand knows those alone that are about no player of another
 * brand. To whoever may not it does not exist.
 */
export async function mayKnow(
  { players }: Platform,
  operation: Operation,
  { operator, brand }: Caller,
): Promise<boolean> {
  return brand === null || players.areOf(operator, playersOf(operation), brand);
}
