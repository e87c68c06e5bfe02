import type { ContributionType } from '../../../gen/ts/windfall/pots/v1/types.ts';
import type { PotsShare } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import { fromNumber, invalid, toNumber, type Micros } from '../../kernel/index.ts';

/** An amount, or a fraction in millionths. Throws INVALID_ARGUMENT for more than 6 decimals. */
export function exact(field: string, x: number): Micros {
  const micros = fromNumber(x);
  if (micros === undefined) throw invalid(field, 'must have at most 6 decimals');
  return micros;
}

/** A whole number. Throws INVALID_ARGUMENT. */
export function whole(field: string, x: number): bigint {
  if (!Number.isSafeInteger(x)) throw invalid(field, 'must be a whole number');
  return BigInt(x);
}

/** The stored form of a share. */
export function shareOf(field: string, { type }: ContributionType): PotsShare {
  const value = exact(`${field}.${type!.$case === 'fixedAmount' ? 'Fixed' : 'Percentage'}`, type!.value);
  return type!.$case === 'fixedAmount'
    ? { isFixed: true, fixed: value, percentage: 0n }
    : { isFixed: false, fixed: 0n, percentage: value };
}

/** The message of a share. */
export const shareMessage = ({ isFixed, fixed, percentage }: PotsShare): ContributionType => ({
  type: isFixed
    ? { $case: 'fixedAmount', value: toNumber(fixed) }
    : { $case: 'percentage', value: toNumber(percentage) },
});
