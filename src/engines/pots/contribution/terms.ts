import type { PotsBound, PotsInstance, PotsRecurrence, PotsShare } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import type { Micros } from '../../../kernel/index.ts';
import { countriesOf, takesCountry, type Countries, type Jackpot } from '../../jackpot/index.ts';
import { openAt } from '../schedule.ts';

/** What an instance asks of contributions, prepared for looking up. */
export interface Terms extends Countries {
  readonly code: string;
  readonly optInRequired: boolean;
  readonly contribution: PotsShare;
  /** Numbers of brands; empty: all. */
  readonly brands: ReadonlySet<number>;
  readonly least: ReadonlyMap<string, Micros>;
  readonly most: ReadonlyMap<string, Micros>;
  readonly recurrence: readonly PotsRecurrence[];
  /** When it begins, in microseconds; 0: when it is activated. */
  readonly start: number;
}

const known = new WeakMap<Jackpot, Terms>();

/** The terms of a version, prepared once. */
export function termsOf(jackpot: Jackpot): Terms {
  let terms = known.get(jackpot);
  if (terms === undefined) known.set(jackpot, (terms = instanceTerms(jackpot.code, jackpot.instance!)));
  return terms;
}

/** The terms of an instance. */
export function instanceTerms(code: string, { brand, brands, rules, recurrence, startsAt }: PotsInstance): Terms {
  const own = brands.length === 0 && brand !== 0n ? [brand] : brands;
  const amounts = (bounds: readonly PotsBound[]): ReadonlyMap<string, Micros> =>
    new Map(bounds.map(({ currency, amount }) => [currency, amount]));
  return {
    code,
    optInRequired: rules!.optInRequired,
    contribution: rules!.contribution!,
    ...countriesOf(rules!),
    brands: new Set(own.map(Number)),
    least: amounts(rules!.minContribution),
    most: amounts(rules!.maxContribution),
    recurrence,
    start: Number(startsAt) * 1000,
  };
}

/** Whether players of a brand may contribute. @param brand its number. */
export const takesBrand = ({ brands }: Terms, brand: number): boolean => brands.size === 0 || brands.has(brand);

/** Whether contributions are taken at a time, in microseconds since 1970. */
export const takesTime = ({ recurrence, start }: Terms, time: number): boolean => openAt(recurrence, start, time);

/** Why players of a brand or a country may not contribute; null: they may. */
export function barred(terms: Terms, brand: number, country: string): string | null {
  if (!takesBrand(terms, brand)) return 'BrandNotAllowed';
  if (!takesCountry(terms, country)) return 'CountryNotAllowed';
  return null;
}
