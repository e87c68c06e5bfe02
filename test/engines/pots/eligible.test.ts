import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { PotsInstance } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import { takesBrand, takesCountry } from '../../../src/engines/pots/eligible.ts';

const instance = (of: {
  owner?: number;
  brands?: number[];
  allowed?: string[];
  blacklisted?: string[];
}): PotsInstance =>
  ({
    brand: BigInt(of.owner ?? 0),
    brands: (of.brands ?? []).map(BigInt),
    rules: { allowedCountries: of.allowed ?? [], blacklistedCountries: of.blacklisted ?? [] },
  }) as unknown as PotsInstance;

test('an instance without assigned brands takes those of its owner', () => {
  assert.equal(takesBrand(instance({}), 5), true);
  assert.equal(takesBrand(instance({ owner: 5 }), 5), true);
  assert.equal(takesBrand(instance({ owner: 5 }), 6), false);
});

test('an instance with assigned brands takes only those, and none beside its owner', () => {
  assert.equal(takesBrand(instance({ brands: [5, 6] }), 6), true);
  assert.equal(takesBrand(instance({ brands: [5, 6] }), 7), false);
  assert.equal(takesBrand(instance({ owner: 5, brands: [6] }), 6), false);
});

test('the blacklist goes before the list of allowed countries, which excludes all others unless it is empty', () => {
  assert.equal(takesCountry(instance({}), 'MT'), true);
  assert.equal(takesCountry(instance({ allowed: ['MT'] }), 'MT'), true);
  assert.equal(takesCountry(instance({ allowed: ['MT'] }), 'UK'), false);
  assert.equal(takesCountry(instance({ blacklisted: ['UK'] }), 'UK'), false);
  assert.equal(takesCountry(instance({ allowed: ['UK'], blacklisted: ['UK'] }), 'UK'), false);
});
