import type { CycleStart, PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { middleOf, restart, type Reseed } from '../../fairness/index.ts';
import type { Micros } from '../../kernel/index.ts';
import { inPhase, phaseOf, type Pot } from './bound.ts';
import type { PotRow } from './entities.ts';

/**
 * A cycle that starts under the version in force, whose terms are frozen for it.
 * @param starts of the pot, with this one. @param versionId the number of the version's row. @param now microseconds
 * since 1970.
 */
export function startOf(pot: Pot, value: Micros, starts: number, versionId: number, now: number): CycleStart {
  const timed = pot.seconds !== 0 && phaseOf(pot, starts) !== 2;
  return {
    value,
    starts,
    terms: pot.terms,
    termsFrom: BigInt(versionId),
    dueAt: timed ? BigInt(now + pot.seconds * 1_000_000) : 0n,
    hiddenFrom: timed && pot.hidden ? BigInt(Math.ceil(now / 1000)) : 0n,
  };
}

/** The starts of a pot that starts again after a win; 0: they are not limited. */
export const startsAfter = ({ maxStarts }: Pot, { starts }: Pick<PotRow, 'starts'>): number =>
  maxStarts === 0 ? 0 : starts + 1;

/** What a pot that is won starts again with, under the version in force. */
export const restartOf = (pot: Pot, { starts, surplus }: Pick<PotRow, 'starts' | 'surplus'>, reserve: Micros): Reseed =>
  restart(inPhase(pot.config, phaseOf(pot, starts)), { reserve, surplus });

/**
 * What a pot opens with: its initial value, but not more than its limits allow, which may have been lowered since it
 * was created.
 */
export function openingValue({ initialValue, seed, maxValue, mustDropValue }: PotDefinitionV2): Micros {
  const limits = [maxValue ?? null, middleOf(seed, mustDropValue === 0n ? null : mustDropValue)];
  return limits.reduce<Micros>((least, limit) => (limit !== null && limit < least ? limit : least), initialValue);
}
