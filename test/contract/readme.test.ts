import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { readRegistry, withOperations } from '../../src/tools/operations-table.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('README lists every operation as the contract has it', () => {
  assert.equal(withOperations(readme, readRegistry()), readme, 'run npm run generate');
});

test('an operation that README lacks is put in', () => {
  const lacking = readme.replace(/^\| LootboxService\.OpenLootbox .*\n/m, '');
  assert.notEqual(lacking, readme);
  assert.equal(withOperations(lacking, readRegistry()), readme);
});
