import assert from 'node:assert/strict';

import { test } from 'vitest';
import { tableIssues, type Prize, type PrizeTable } from '../../src/prizes/index.ts';

const prize: Prize = { label: 'big', asset: 'WINZ', amount: 1_000_000n, weight: 1 };
const sound: PrizeTable = { guaranteed: [], prizes: [prize], rolls: 1 };
const fieldsOf = (table: PrizeTable): string[] => tableIssues(table).map(({ field }) => field);

test('sound tables have no issues, at every bound', () => {
  assert.deepEqual(fieldsOf(sound), []);
  assert.deepEqual(fieldsOf({ ...sound, rolls: 20 }), []);
  assert.deepEqual(fieldsOf({ ...sound, prizes: Array(200).fill(prize) }), []);
  assert.deepEqual(fieldsOf({ ...sound, prizes: [{ ...prize, weight: 2 ** 53 }] }), []);
  for (const amount of [0n, 2n ** 63n - 1n]) {
    assert.deepEqual(fieldsOf({ ...sound, prizes: [{ ...prize, amount }] }), []);
  }
  assert.deepEqual(fieldsOf({ ...sound, prizes: [], guaranteed: [prize] }), []);
});

test('each broken rule is reported with its path', () => {
  for (const rolls of [0, 21, 1.5, NaN]) {
    assert.deepEqual(fieldsOf({ ...sound, rolls }), ['rolls']);
  }
  assert.deepEqual(fieldsOf({ ...sound, prizes: [] }), ['prizes']);
  assert.deepEqual(fieldsOf({ ...sound, prizes: Array(201).fill(prize) }), ['prizes']);
  assert.deepEqual(fieldsOf({ ...sound, guaranteed: Array(201).fill(prize) }), ['guaranteed']);
  for (const weight of [0, -1, 0.5, NaN, Infinity]) {
    const prizes = [prize, { ...prize, weight }];
    assert.deepEqual(fieldsOf({ ...sound, prizes }), ['prizes[1].weight']);
  }
  for (const amount of [-1n, 2n ** 63n]) {
    const guaranteed = [{ ...prize, amount }];
    assert.deepEqual(fieldsOf({ ...sound, guaranteed }), ['guaranteed[0].amount']);
  }
  const broken = [
    { ...prize, asset: '' },
    { ...prize, label: '\ud800' },
  ];
  const paths = ['prizes[0].asset', 'prizes[1].label'];
  assert.deepEqual(fieldsOf({ ...sound, prizes: broken }), paths);
});

test('weights that sum to more than 2^53 are refused, however the sum would round', () => {
  const prizes = [{ ...prize, weight: 2 ** 53 - 1 }, prize];
  assert.deepEqual(fieldsOf({ ...sound, prizes }), []);
  assert.deepEqual(fieldsOf({ ...sound, prizes: [...prizes, prize] }), ['prizes']);
});

test('all issues are reported together', () => {
  const table = { guaranteed: [{ ...prize, amount: -1n }], prizes: [{ ...prize, weight: 0 }], rolls: 0 };
  assert.equal(fieldsOf(table).length, 3);
});
