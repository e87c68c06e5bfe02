import type { Platform } from '../../../platform/index.ts';
import type { Jackpot } from '../../jackpot/index.ts';

/** Numbers of new rows for wins that may be withheld; none if they never are. */
export const numbersOf = (instances: readonly Jackpot[], { newId }: Platform): readonly number[] | Promise<number[]> =>
  instances.some((one) => one.withholds) ? Promise.all(instances.map(() => newId())) : [];
