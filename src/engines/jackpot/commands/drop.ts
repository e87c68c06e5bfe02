import type { JackpotWon } from '../../../../gen/windfall/facts/v1/facts.ts';
import { seedStream } from '../../../fairness/index.ts';
import {
  account, accountId, LATER, outOfRange, type Command, type Fact, type Given, type Peek, type Want,
} from '../../../journal/index.ts';
import { MICROS_MAX, Refusal } from '../../../kernel/index.ts';
import type { Jackpot, Pot } from '../definition.ts';
import { jackpot as jackpots, jackpotHits, pot as pots, status, type PotRow } from '../entities.ts';
import { requireCurrent } from './contribute.ts';
import { lapsedFact, wonFact, type WinReason } from './win.ts';

export interface DropRequest {
  readonly jackpot: Jackpot;
  readonly pot: Pot;
  /** The winner's number; 0: whoever contributed last. */
  readonly winner: number;
  /** Whether the call has an idempotency key. */
  readonly keyed: boolean;
}

export interface DropAnswer {
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly won: JackpotWon;
  readonly replayed: boolean;
}

type Ended = Pick<DropRequest, 'jackpot' | 'pot' | 'winner'>;

function needs({ jackpot, pot, winner }: Ended, want: Want): void {
  want.row(jackpots, jackpot.id);
  want.row(jackpotHits, jackpot.id);
  want.row(pots, pot.id);
  if (pot.mustDrop !== null) want.row(seedStream, pot.stream);
  want.row(account, jackpot.account);
  if (winner !== 0) want.row(account, accountId('player', winner, jackpot.asset));
}

/** The account of whoever contributed last, whom only the locked pot tells. */
function needsThen({ jackpot, pot, winner }: Ended, want: Want, loaded: Peek): void {
  const { lastPlayer } = loaded.row(pots, pot.id);
  if (winner === 0 && lastPlayer !== 0) want.row(account, accountId('player', lastPlayer, jackpot.asset));
}

const ACCOUNTS = account.rank;

/**
 * Pays a pot out. Refuses: JACKPOT_NOT_FOUND, DROP_NOT_ALLOWED, NOTHING_TO_DROP, NO_WINNER, BALANCE_OUT_OF_RANGE; throws
 * STALE for another version.
 */
export const dropJackpot: Command<DropRequest, DropAnswer> = {
  name: 'jackpot.drop',
  needs, needsThen,
  later: ACCOUNTS,
  decide(request, given) {
    const { jackpot, pot, winner, keyed } = request;
    requireCurrent(jackpot, given);
    const details = { id: jackpot.code, pot_id: pot.code };
    if (!pot.externalDrop) throw new Refusal('DROP_NOT_ALLOWED', 'the pot is not dropped from outside', { details });
    const row = given.row(pots, pot.id);
    if ((row.lastPlayer === 0 && !keyed) || row.value === 0n) {
      throw new Refusal('NOTHING_TO_DROP', 'nothing was contributed since the last drop', { details });
    }
    const player = winner || row.lastPlayer;
    if (player === 0) throw new Refusal('NO_WINNER', 'nobody has contributed since the last drop', { details });
    return [payTo(player, jackpot, pot, row, 'external', given)];
  },
  answer: ({ id, time, facts }, replayed) => ({ operationId: id, time, replayed, won: facts[0]!.data as JackpotWon }),
};

/** Pays a pot, whatever became of its hidden trigger. */
function payTo(player: number, jackpot: Jackpot, pot: Pot, row: Readonly<PotRow>, reason: WinReason, given: Given): Fact {
  const id = accountId('player', player, jackpot.asset);
  // Somebody else has contributed in this batch: his account is locked in the next one.
  if (!given.has(account, id)) throw LATER;
  if (given.row(account, id).balance + row.value > MICROS_MAX) throw outOfRange(id, () => jackpot.definition.asset);
  return wonFact(jackpot, player, { pot, row, value: row.value, reserve: row.reserve, reason, reached: null }, given);
}

/**
 * Ends the cycle of a pot whose time is up: pays whoever contributed last, else starts another cycle. Decides nothing where
 * that has happened already, so that any number of processes may try.
 */
export const endCycle: Command<Omit<DropRequest, 'winner' | 'keyed'> & { readonly winner: 0 }, void> = {
  name: 'jackpot.end-cycle',
  needs, needsThen,
  later: ACCOUNTS,
  decide({ jackpot, pot }, given) {
    const row = given.row(pots, pot.id);
    if (given.row(jackpots, jackpot.id).status !== status.active || row.dueAt === 0 || row.dueAt > given.now) return [];
    requireCurrent(jackpot, given);
    if (row.lastPlayer === 0 || row.value === 0n) return [lapsedFact(jackpot, pot, row, given)];
    return [payTo(row.lastPlayer, jackpot, pot, row, 'must_drop_time', given)];
  },
  answer: () => undefined,
};
