import { lookAt, noteNeeds } from '../../catalogue/index.ts';
import { leafOf } from '../../fairness/index.ts';
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
import { player as players, playNeeds, publicHashOf, type PlayerRow } from '../../players/index.ts';
import type { Jackpot, Pot } from './bound.ts';
import { community } from './community/standings.ts';
import { requireEscrow } from './payouts.ts';
import { jackpot as heads, jackpotHits, pot as pots, type PotRow } from './entities.ts';
import { wonFact, type WinReason } from './winning.ts';

/** A pot to be paid out, by a call or because its time is up. */
export interface CycleEnd {
  readonly jackpot: Jackpot;
  readonly pot: Pot;
  /** The winner's number; 0: the player who contributed last. */
  readonly winner: number;
  /** The number of a new row, where wins may be withheld. */
  readonly number: number;
}

/** Requests the rows for paying a pot, except the account of the player who contributed last. */
export function endNeeds({ jackpot, pot, winner }: CycleEnd, rows: RowRequests): void {
  if (winner === 0) lookAt(jackpot, rows);
  else noteNeeds(jackpot, rows);
  rows.lock(heads, jackpot.id);
  rows.lock(jackpotHits, jackpot.id);
  rows.lock(pots, pot.id);
  rows.lock(account, jackpot.account);
  if (jackpot.withholds) rows.lock(account, accountId('escrow', jackpot.id, jackpot.asset));
  if (jackpot.community !== undefined) rows.lock(community, jackpot.id);
  if (winner === 0) return;
  rows.read(players, winner);
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
export const brandOf = (player: number, snapshot: Snapshot): number => rowOf(player, snapshot).brandId;

function rowOf(player: number, snapshot: Snapshot): Readonly<PlayerRow> {
  // Another player has contributed in this batch: that row is read in the next one.
  if (!snapshot.has(players, player)) throw new DeferredError();
  return snapshot.row(players, player);
}

/** Pays a pot, whatever its value. @param award the reason of an award; null: the player has won it. */
export function payTo(
  player: number,
  { jackpot, pot, number }: CycleEnd,
  row: Readonly<PotRow>,
  award: string | null,
  snapshot: Snapshot,
): Fact {
  const id = accountId('player', player, jackpot.asset);
  // Another player has contributed in this batch: that account is locked in the next one.
  if (!snapshot.has(account, id)) throw new DeferredError();
  if (snapshot.row(account, id).balance + row.value > MICROS_MAX) throw outOfRange(id, () => jackpot.assetCode);
  requireEscrow(jackpot, row.value, snapshot);
  const { value, reserve, cycle } = row;
  const winner = rowOf(player, snapshot);
  const leaf = leafOf(['windfall/drop', pot.code, String(cycle), publicHashOf(winner), String(value)]);
  const reason: WinReason = award === null ? 'external' : 'award';
  const payee = { player, number, country: winner.country, linked: '' };
  return wonFact(jackpot, { pot, row, value, reserve, reason, leaf, award: award ?? '', payee }, snapshot);
}
