/** Parts of templates. */
import type { ContributionType, PotType, SeedStrategy } from '../../gen/ts/windfall/pots/v1/types.ts';

export const percentage = (value: number): ContributionType => ({ type: { $case: 'percentage', value } });
export const fixed = (value: number): ContributionType => ({ type: { $case: 'fixedAmount', value } });
export const hitRate = (costPerAttempt: number, maxMagicNumber: number): PotType => ({
  type: { $case: 'hitRate', value: { costPerAttempt, maxMagicNumber } },
});
export const restarting = (value: number, more: Partial<SeedStrategy> = {}): SeedStrategy => ({
  initialSeedValue: value,
  minReseedValue: value,
  fundStrategy: '',
  reseedStrategy: '',
  ...more,
});
