import assert from 'node:assert/strict';
import { test } from 'vitest';
import { isVisible, ownerName, ownerOf, visibleBrands } from '../../../src/engines/pots/owner.ts';
import type { Caller } from '../../../src/kernel/index.ts';
import type { Tenant } from '../../../src/tenants/index.ts';

const tenant = {
  name: 'demo',
  brand: (_: Caller, name: string) => (name === 'main' ? 5 : assert.fail(name)),
  brandName: (brand: number) => `brand ${brand}`,
} as unknown as Tenant;
const of = (brand: number | null): Caller => ({ brand }) as Caller;

test('a caller of one brand sees what is of its brand and of its operator; any other caller sees all', () => {
  const seen = (brand: number | null): boolean[] => [0, 5, 6].map((owner) => isVisible({ brand }, owner));
  assert.deepEqual(
    [seen(null), seen(5)],
    [
      [true, true, true],
      [true, true, false],
    ],
  );
  assert.deepEqual([visibleBrands(of(null)), visibleBrands(of(5))], [{}, { brandId: { $in: [0, 5] } }]);
});

test('an owner is the operator of the caller, or one of its brands', () => {
  assert.deepEqual([ownerOf(tenant, of(null), 'demo'), ownerOf(tenant, of(null), 'demo:main')], [0, 5]);
  for (const other of ['other', 'other:main', 'DEMO', ''])
    assert.throws(() => ownerOf(tenant, of(null), other), { reason: 'OPERATOR_NOT_FOUND' });
  assert.deepEqual([ownerName(tenant, 0), ownerName(tenant, 5)], ['demo', 'demo:brand 5']);
});
