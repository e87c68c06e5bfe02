import type { PotDraw, TriggerReached, SeedSecrets } from '../../fairness/index.ts';
import type { Snapshot } from '../../journal/index.ts';
import type { Micros } from '../../kernel/index.ts';
import { boundsOf, type Jackpot, type Pot } from './bound.ts';
import type { PotRow } from './entities.ts';
import type { Share } from './rules.ts';
import { triggerSeed, type PotWin, type WinReason } from './winning.ts';

/** A contribution, divided among the pots. */
interface Division {
  readonly jackpot: Jackpot;
  /** The pots before the contribution. */
  readonly rows: readonly Readonly<PotRow>[];
  readonly shares: readonly Share[];
  /** The draws of the pots that are hit by chance. */
  readonly drawn: readonly PotDraw[];
}

/** The pots that a contribution wins, in order. A pot without value cannot be won. */
export function wonPots(
  { jackpot, rows, shares, drawn }: Division,
  secrets: SeedSecrets,
  snapshot: Snapshot,
): PotWin[] {
  if (!jackpot.winnable) return [];
  const hit = new Set(jackpot.hits?.places.filter((_, i) => drawn[i]!.hit));
  const won: PotWin[] = [];
  jackpot.pots.forEach((pot, place) => {
    const row = rows[place]!;
    const [value, reserve] = [row.value + shares[place]!.value, row.reserve + shares[place]!.reserve];
    const due = reachedOf(pot, row, value, secrets, snapshot);
    if (value === 0n || (due === null && !hit.has(place))) return;
    const why: WinReason = hit.has(place) ? 'hit_rate' : row.dueAt === 0 ? 'must_drop_value' : 'must_drop_time';
    won.push({ pot, row, value, reserve, reason: why, reached: why === 'hit_rate' ? null : due });
  });
  return won;
}

/** The value or time that has reached a pot's hidden trigger; null: none has, or the pot has no trigger. */
function reachedOf(
  pot: Pot,
  row: Readonly<PotRow>,
  value: Micros,
  secrets: SeedSecrets,
  snapshot: Snapshot,
): TriggerReached {
  if (pot.mustDrop === null) return null;
  const trigger = secrets.trigger(triggerSeed(snapshot, pot), () => boundsOf(row)!);
  if (row.dueAt !== 0) {
    const ms = BigInt(Math.floor(snapshot.now / 1000));
    return ms < trigger ? null : { before: undefined, after: ms };
  }
  return value < trigger ? null : { before: row.value < trigger ? row.value : undefined, after: value };
}
