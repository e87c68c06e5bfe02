import type { PotsRules } from '../../../gen/ts/windfall/facts/v1/pots.ts';

/** From where players of an instance may contribute. */
export interface Countries {
  /** Empty: all. */
  readonly allowed: ReadonlySet<string>;
  readonly blacklisted: ReadonlySet<string>;
}

export const countriesOf = ({ allowedCountries, blacklistedCountries }: PotsRules): Countries => ({
  allowed: new Set(allowedCountries),
  blacklisted: new Set(blacklistedCountries),
});

/** Whether players of a country may contribute: the blacklist goes first. */
export const takesCountry = ({ allowed, blacklisted }: Countries, country: string): boolean =>
  !blacklisted.has(country) && (allowed.size === 0 || allowed.has(country));
