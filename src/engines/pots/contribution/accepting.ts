import { ApiError, type Reason } from '../../../kernel/index.ts';
import { rejected, type Jackpot } from '../../jackpot/index.ts';

/** The causes that an instance tells for what the rules of jackpots, players and money refuse. */
const CAUSES: Partial<Record<Reason, string>> = {
  JACKPOT_NOT_ACTIVE: 'JackpotNotActive',
  INVALID_ARGUMENT: 'TooManyAttempts',
  PLAYER_EXCLUDED: 'PlayerExcluded',
  LIMIT_REACHED: 'LimitReached',
  BALANCE_OUT_OF_RANGE: 'BalanceOutOfRange',
  TICKET_LIMIT_REACHED: 'TooManyTickets',
};

/** Decides for an instance. What the rules of jackpots, players and money refuse is a CONTRIBUTION_REJECTED. */
export function accepting<T>({ code }: Jackpot, decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    const cause = error instanceof ApiError ? CAUSES[error.reason] : undefined;
    throw cause === undefined ? error : rejected(code, cause);
  }
}
