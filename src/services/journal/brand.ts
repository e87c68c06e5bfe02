import { playersOf, type Operation } from '../../journal/index.ts';
import type { Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';

/**
 * Whether a caller may see an operation. A credential of one brand sees only operations that are about no player of
 * another brand. For a caller that may not see it, the operation does not exist.
 */
export async function mayKnow(
  { players }: Platform,
  operation: Operation,
  { operator, brand }: Caller,
): Promise<boolean> {
  return brand === null || players.areOf(operator, playersOf(operation), brand);
}
