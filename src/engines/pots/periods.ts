import type { Period } from '../../../gen/ts/windfall/pots/v1/types.ts';

const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400, weeks: 604_800 } as const;
const UNITS = ['weeks', 'days', 'hours', 'minutes'] as const;

export const secondsOf = ({ unit }: Period): number => unit!.value * SECONDS[unit!.$case];

/** A time in the largest unit that it is a whole number of. */
export function periodOf(seconds: number): Period {
  for (const $case of UNITS)
    if (seconds % SECONDS[$case] === 0) return { unit: { $case, value: seconds / SECONDS[$case] } };
  return { unit: { $case: 'seconds', value: seconds } };
}
