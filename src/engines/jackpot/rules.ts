import type { CycleStart, PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { middleOf } from '../../fairness/index.ts';
import type { Micros } from '../../kernel/index.ts';
import type { Pot } from './bound.ts';

/**
 * A cycle that starts under the version in force, whose terms are frozen for it.
 * @param versionId the number of the version's row. @param now microseconds since 1970.
 */
export function startOf({ terms, seconds, hidden }: Pot, value: Micros, versionId: number, now: number): CycleStart {
  return {
    value,
    terms,
    termsFrom: BigInt(versionId),
    dueAt: seconds === 0 ? 0n : BigInt(now + seconds * 1_000_000),
    hiddenFrom: hidden ? BigInt(Math.ceil(now / 1000)) : 0n,
  };
}

/**
 * What a pot opens with: its initial value, but not more than its limits allow, which may have been lowered since it
 * was created.
 */
export function openingValue({ initialValue, seed, maxValue, mustDropValue }: PotDefinitionV2): Micros {
  const limits = [maxValue ?? null, middleOf(seed, mustDropValue === 0n ? null : mustDropValue)];
  return limits.reduce<Micros>((least, limit) => (limit !== null && limit < least ? limit : least), initialValue);
}
