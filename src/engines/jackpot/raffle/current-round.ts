import { readRows, readRowsById } from '../../../journal/index.ts';
import type { Reads } from '../../../db/index.ts';
import { ApiError, type OperatorNo, type Reason } from '../../../kernel/index.ts';
import { ticketPool, type PoolRow } from '../../../tickets/index.ts';
import type { Jackpot } from '../bound.ts';
import { round, type RoundRow } from './round.ts';

/** A round with its pool. They are read one after the other: whether it is open, only `isOpen` says. */
export interface Round {
  readonly row: RoundRow;
  readonly pool: PoolRow;
}

/** A round of a jackpot by its number, 0: the newest one; undefined: there is none. @param jackpot its row's number. */
export function readRound(reads: Reads, operator: OperatorNo, jackpot: number, number = 0): Promise<Round | undefined> {
  return reads(async (em) => {
    const [row] = await readRows(em, round, operator, (query) => {
      const all = query.where('t.jackpot_id', '=', jackpot);
      const named = number === 0 ? all : all.where('t.number', '=', number);
      return named.orderBy('t.number', 'desc').limit(1);
    });
    if (row === undefined) return undefined;
    const [pool] = await readRowsById(em, ticketPool, operator, [row.id]);
    return { row, pool: pool! };
  });
}

/** Whether it has not ended: what ends it begins the next one in the same transaction, which then is the newest. */
export const isOpen = ({ row }: Round): boolean => row.closedBy === '';

/** Throws the reason if tickets of a raffle may still win its pots: nothing else may take their money then. */
export async function requireNoRound(
  reads: Reads,
  operator: OperatorNo,
  { id, code, instance }: Jackpot,
  reason: Reason,
): Promise<void> {
  if (instance?.raffle === undefined) return;
  const round = await readRound(reads, operator, id);
  if (round === undefined || !isOpen(round)) return;
  throw new ApiError(reason, 'a round of the raffle is not over', { details: { id: code, status: 'open' } });
}
