import { definition, statusName } from '../../catalogue/index.ts';
import { StaleVersionError, type Snapshot } from '../../journal/index.ts';
import { ApiError } from '../../kernel/index.ts';
import type { Jackpot } from '../jackpot/index.ts';

/** The error for an opt-in that an instance does not take. @param cause one word. */
export const optInRejected = ({ code: id }: Jackpot, cause: string): ApiError =>
  new ApiError('OPT_IN_REJECTED', cause, { details: { id, cause } });

/**
 * Throws OPT_IN_REJECTED unless the instance takes opt-ins, and StaleVersionError if another version is in force. The
 * command has looked at the instance.
 */
export function requireTakesOptIns(instance: Jackpot, snapshot: Snapshot): void {
  const head = snapshot.row(definition, instance.definitionId);
  const status = statusName(head.status);
  if (status !== 'active' && status !== 'paused') throw optInRejected(instance, 'JackpotNotActive');
  if (head.version !== instance.version) throw new StaleVersionError();
}
