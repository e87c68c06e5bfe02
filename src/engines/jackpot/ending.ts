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
import { player as players, playNeeds } from '../../players/index.ts';
import type { Jackpot, Pot } from './bound.ts';
import { jackpot as heads, jackpotHits, pot as pots, type PotRow } from './entities.ts';
import { wonFact, type WinReason } from './winning.ts';

/** A pot to be paid out, by a call or because its time is up. */
export interface CycleEnd {
  readonly jackpot: Jackpot;
  readonly pot: Pot;
  /** The winner's number; 0: the player who contributed last. */
  readonly winner: number;
}

/** Requests the rows for paying a pot, except the account of the player who contributed last. */
export function endNeeds({ jackpot, pot, winner }: CycleEnd, rows: RowRequests): void {
  lookAt(jackpot, rows);
  rows.lock(heads, jackpot.id);
  rows.lock(jackpotHits, jackpot.id);
  rows.lock(pots, pot.id);
  if (pot.mustDrop !== null) rows.lock(seedStream, pot.stream);
  rows.lock(account, jackpot.account);
  if (winner === 0) return;
  rows.lock(account, accountId('player', winner, jackpot.asset));
  playNeeds(rows, winner, false);
}

/** Requests the account and the brand of the player who contributed last, who is known only from the locked pot. */
export function endNeedsThen({ jackpot, pot, winner }: CycleEnd, rows: RowRequests, loaded: LoadedRows): void {
  const { lastPlayer } = loaded.row(pots, pot.id);
  if (winner !== 0 || lastPlayer === 0) return;
  rows.lock(account, accountId('player', lastPlayer, jackpot.asset));
  rows.read(players, lastPlayer);
}

/** The brand of the player who contributed last. */
export function brandOf(player: number, snapshot: Snapshot): number {
  // Another player has contributed in this batch: that row is read in the next one.
  if (!snapshot.has(players, player)) throw new DeferredError();
  return snapshot.row(players, player).brandId;
}

/** Pays a pot, whether or not its hidden trigger was reached. */
export function payTo(
  player: number,
  jackpot: Jackpot,
  pot: Pot,
  row: Readonly<PotRow>,
  reason: WinReason,
  snapshot: Snapshot,
): Fact {
  const id = accountId('player', player, jackpot.asset);
  // Another player has contributed in this batch: that account is locked in the next one.
  if (!snapshot.has(account, id)) throw new DeferredError();
  if (snapshot.row(account, id).balance + row.value > MICROS_MAX) throw outOfRange(id, () => jackpot.assetCode);
  return wonFact(
    jackpot,
    player,
    { pot, row, value: row.value, reserve: row.reserve, reason, reached: null },
    snapshot,
  );
}
