import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { seeded } from '../support/requests.ts';
import { Changes } from './bytes-changes.ts';
import { databaseWithHistory } from './bytes-scene.ts';
import { toldBy, tryChanges } from './bytes.ts';

/** `npm run campaign -- bytes` makes 200, of all tables. */
const CHANGES = 15;
/** How many of the contract's writes are in the history. */
const WRITES = 0;
const SEED = Number(process.env['SEED'] ?? 20261122);

let url: string;
let changes: Changes;
beforeAll(async () => {
  url = await databaseWithHistory(WRITES);
  changes = await Changes.open(url, seeded(SEED));
});
afterAll(() => changes[Symbol.asyncDispose]());

test(`verify finds each of ${CHANGES} random changes of values and rows, and says where (SEED=${SEED})`, async () => {
  assert.deepEqual(await toldBy(url), []);
  for await (const { table, what, told, isNamed } of tryChanges(changes, url, CHANGES))
    assert.ok(isNamed, `${table}: ${what}: ${told.join('; ') || 'not found'}`);
  assert.deepEqual(await toldBy(url), []);
});
