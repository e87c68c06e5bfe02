import { lookAt } from '../../catalogue/index.ts';
import { seedStream } from '../../fairness/index.ts';
import { account, accountId, LATER, outOfRange, type Fact, type Given, type Peek, type Want } from '../../journal/index.ts';
import { MICROS_MAX } from '../../kernel/index.ts';
import type { Jackpot, Pot } from './bound.ts';
import { jackpot as heads, jackpotHits, pot as pots, type PotRow } from './entities.ts';
import { wonFact, type WinReason } from './winning.ts';

/** A pot that is to be paid out by a call or by time. */
export interface Ended {
  readonly jackpot: Jackpot;
  readonly pot: Pot;
  /** The winner's number; 0: whoever contributed last. */
  readonly winner: number;
}

/** The rows that paying a pot takes, but for the account of whoever contributed last. */
export function endNeeds({ jackpot, pot, winner }: Ended, want: Want): void {
  lookAt(jackpot, want);
  want.row(heads, jackpot.id);
  want.row(jackpotHits, jackpot.id);
  want.row(pots, pot.id);
  if (pot.mustDrop !== null) want.row(seedStream, pot.stream);
  want.row(account, jackpot.account);
  if (winner !== 0) want.row(account, accountId('player', winner, jackpot.asset));
}

/** The account of whoever contributed last, whom only the locked pot tells. */
export function endNeedsThen({ jackpot, pot, winner }: Ended, want: Want, loaded: Peek): void {
  const { lastPlayer } = loaded.row(pots, pot.id);
  if (winner === 0 && lastPlayer !== 0) want.row(account, accountId('player', lastPlayer, jackpot.asset));
}

/** Pays a pot, whatever became of its hidden trigger. */
export function payTo(player: number, jackpot: Jackpot, pot: Pot, row: Readonly<PotRow>, reason: WinReason, given: Given): Fact {
  const id = accountId('player', player, jackpot.asset);
  // Somebody else has contributed in this batch: his account is locked in the next one.
  if (!given.has(account, id)) throw LATER;
  if (given.row(account, id).balance + row.value > MICROS_MAX) throw outOfRange(id, () => jackpot.assetCode);
  return wonFact(jackpot, player, { pot, row, value: row.value, reserve: row.reserve, reason, reached: null }, given);
}
