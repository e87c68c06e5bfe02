import assert from 'node:assert/strict';
import { test } from 'vitest';
import { barred, termsOf, type Terms } from '../../../src/engines/pots/contribution/terms.ts';
import type { Jackpot } from '../../../src/engines/jackpot/index.ts';

interface Of {
  readonly owner?: number;
  readonly brands?: number[];
  readonly allowed?: string[];
  readonly blacklisted?: string[];
}

const terms = ({ owner = 0, brands = [], allowed = [], blacklisted = [] }: Of): Terms =>
  termsOf({
    instance: {
      brand: BigInt(owner),
      startsAt: 0n,
      recurrence: [],
      brands: brands.map(BigInt),
      rules: {
        allowedCountries: allowed,
        blacklistedCountries: blacklisted,
        minContribution: [],
        maxContribution: [],
      },
    },
  } as unknown as Jackpot);

test('an instance without assigned brands takes those of its owner', () => {
  assert.equal(barred(terms({}), 5, 'MT'), null);
  assert.equal(barred(terms({ owner: 5 }), 5, 'MT'), null);
  assert.equal(barred(terms({ owner: 5 }), 6, 'MT'), 'BrandNotAllowed');
});

test('an instance with assigned brands takes only those', () => {
  assert.equal(barred(terms({ brands: [5, 6] }), 6, 'MT'), null);
  assert.equal(barred(terms({ brands: [5, 6] }), 7, 'MT'), 'BrandNotAllowed');
});

test('the blacklist goes before the list of allowed countries, which excludes all others unless it is empty', () => {
  const cause = (of: Of, country: string): string | null => barred(terms(of), 5, country);
  assert.equal(cause({ allowed: ['MT'] }, 'MT'), null);
  assert.equal(cause({ allowed: ['MT'] }, 'UK'), 'CountryNotAllowed');
  assert.equal(cause({ blacklisted: ['UK'] }, 'UK'), 'CountryNotAllowed');
  assert.equal(cause({ allowed: ['UK'], blacklisted: ['UK'] }, 'UK'), 'CountryNotAllowed');
});
