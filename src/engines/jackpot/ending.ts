import { lookAt } from '../../catalogue/index.ts';
import { seedStream } from '../../fairness/index.ts';
import {
  account,
  accountId,
  DeferredError,
  outOfRange,
  type Fact,
  type Snapshot,
  type LoadedRows,
  type RowRequests,
} from '../../journal/index.ts';
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
export function endNeeds({ jackpot, pot, winner }: Ended, rows: RowRequests): void {
  lookAt(jackpot, rows);
  rows.lock(heads, jackpot.id);
  rows.lock(jackpotHits, jackpot.id);
  rows.lock(pots, pot.id);
  if (pot.mustDrop !== null) rows.lock(seedStream, pot.stream);
  rows.lock(account, jackpot.account);
  if (winner !== 0) rows.lock(account, accountId('player', winner, jackpot.asset));
}

/** The account of whoever contributed last, whom only the locked pot tells. */
export function endNeedsThen({ jackpot, pot, winner }: Ended, rows: RowRequests, loaded: LoadedRows): void {
  const { lastPlayer } = loaded.row(pots, pot.id);
  if (winner === 0 && lastPlayer !== 0) rows.lock(account, accountId('player', lastPlayer, jackpot.asset));
}

/** Pays a pot, whatever became of its hidden trigger. */
export function payTo(
  player: number,
  jackpot: Jackpot,
  pot: Pot,
  row: Readonly<PotRow>,
  reason: WinReason,
  snapshot: Snapshot,
): Fact {
  const id = accountId('player', player, jackpot.asset);
  // Somebody else has contributed in this batch: his account is locked in the next one.
  if (!snapshot.has(account, id)) throw new DeferredError();
  if (snapshot.row(account, id).balance + row.value > MICROS_MAX) throw outOfRange(id, () => jackpot.assetCode);
  return wonFact(
    jackpot,
    player,
    { pot, row, value: row.value, reserve: row.reserve, reason, reached: null },
    snapshot,
  );
}
