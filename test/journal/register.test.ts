import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { engines } from '../../src/engines/index.ts';
import { account, Register, type FactKind, type Part, type Table } from '../../src/journal/index.ts';
import { transferred } from '../../src/ledger/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { register } from './fixture.ts';

/** What is read of an entity. */
interface Described {
  readonly meta: { readonly tableName: string; readonly properties: object };
}

const tableOf = (number: number): Table<any> => ({ ...account, name: `table_${number}`, number });
const factOf = (number: number, version = 1): FactKind<any> => ({
  ...transferred,
  name: `test.fact-${number}`,
  number,
  version,
});
const part = (block: number, more: Partial<Part> = {}): Part => ({ name: `part-${block}`, block, ...more });

describe('a register', () => {
  test('takes every number of a block once for a table and once for a fact', () => {
    const made = new Register([
      part(100, { tables: [tableOf(199), tableOf(101)], facts: [factOf(199), factOf(101)] }),
      part(0, { tables: [tableOf(1)] }),
    ]);
    assert.deepEqual(
      made.tables.map(({ number }) => number),
      [1, 101, 199],
    );
    assert.deepEqual(
      made.facts.map(({ number }) => number),
      [101, 199],
    );
  });

  test('refuses a number of a table that is used twice', () => {
    const tables = [tableOf(101), tableOf(102), tableOf(101)];
    assert.throws(() => new Register([part(100, { tables })]), /number 101 is used twice/);
  });

  test('refuses a number of a fact that is used twice in one version', () => {
    const facts = [factOf(101), { ...factOf(101), name: 'test.other' }];
    assert.throws(() => new Register([part(100, { facts })]), /number 101 is test\.fact-101's and test\.other's/);
  });

  test('knows each version of a fact', () => {
    const [first, second] = [factOf(101), factOf(101, 2)];
    const made = new Register([part(100, { facts: [second, first] })]);
    assert.deepEqual([made.fact(101, 1), made.fact(101, 2)], [first, second]);
    assert.deepEqual(made.facts, [first, second]);
  });

  test('refuses numbers outside of their block', () => {
    for (const number of [99, 100, 200, 201, 1101]) {
      const message = new RegExp(`number ${number} is not in block 100`);
      assert.throws(() => new Register([part(100, { tables: [tableOf(number)] })]), message);
      assert.throws(() => new Register([part(100, { facts: [factOf(number)] })]), message);
    }
  });

  test("refuses a block that is another part's, or none", () => {
    assert.throws(() => new Register([part(100), { ...part(100), name: 'late' }]), /late: block 100 is part-100's/);
    assert.throws(() => new Register([part(150)]), /block 150 is no block's/);
  });

  test('throws for a kind of fact that it does not know', () => {
    const made = new Register([part(100, { facts: [factOf(101)] })]);
    assert.throws(() => made.fact(101, 2), /fact kind 101 version 2, unknown here/);
    assert.throws(() => made.fact(102, 1), /fact kind 102 version 1, unknown here/);
  });
});

test('the register has all tables of state rows, so that verify compares them', () => {
  const entities = entitiesOf(engines) as readonly Described[];
  const states = entities.filter(({ meta: { properties } }) => 'id' in properties && 'sequence' in properties);
  assert.deepEqual(register.tables.map(({ name }) => name).sort(), states.map(({ meta }) => meta.tableName).sort());
});
