import assert from 'node:assert/strict';
import { test } from 'vitest';
import { addBrand } from '../../src/tenants/index.ts';
import { database, makeOperator } from './fixture.ts';

const db = database((one) => makeOperator(one, 'acme', 1001).then(() => makeOperator(one, 'other', 2001)));

test('two operators that add brands at the same time get different numbers', async () => {
  const added = (operator: number, name: string) =>
    db.orm.em.fork().transactional(async (em) => {
      // Both transactions are open before either adds its brand.
      await em.execute('select 1');
      return (await addBrand(em, operator, name, '')).brandId;
    });
  const all = await Promise.all([1, 2, 1, 2].map((operator, i) => added(operator, `added-${i}`)));
  assert.deepEqual(
    all.toSorted((a, b) => a - b),
    [2002, 2003, 2004, 2005],
  );
});
