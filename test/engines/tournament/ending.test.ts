import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { Tournament } from '../../../src/engines/tournament/bound.ts';
import { fundTransfers, requireBrand } from '../../../src/engines/tournament/ending.ts';
import type { SeasonRow } from '../../../src/engines/tournament/entities.ts';
import { CLOSE, openedFact, OPEN_SEASON } from '../../../src/engines/tournament/opening.ts';
import { accountId } from '../../../src/journal/index.ts';

const rowOf = (more: Partial<SeasonRow>): SeasonRow => ({ id: 5, asset: 1, buyIns: 30n, ...more }) as SeasonRow;

test('a season has in escrow what it owes: the operator adds what lacks, and gets what is left of the buy-ins', () => {
  const [escrow, house] = [accountId('escrow', 5, 1), accountId('operator', 0, 1)];
  assert.deepEqual(fundTransfers(rowOf({}), 100n), [{ from: house, to: escrow, amount: 70n }]);
  assert.deepEqual(fundTransfers(rowOf({}), 10n), [{ from: escrow, to: house, amount: 20n }]);
  assert.deepEqual(fundTransfers(rowOf({}), 30n), []);
});

test('a key of one brand ends a season that players of that brand alone have entered', () => {
  for (const [brand, of, entries, may] of [
    [null, -1, 9, true],
    [1, 1, 9, true],
    [1, 0, 0, true],
    [1, 2, 9, false],
    [1, -1, 9, false],
  ] as const) {
    const ask = (): void => requireBrand(rowOf({ brand: of, entries }), brand);
    if (may) ask();
    else assert.throws(ask, { reason: 'PERMISSION_DENIED' });
  }
});

test('a season that opens orders its end, and the season after it', () => {
  const tournament = { id: 4, definitionId: 2, version: 1, versionId: 3, asset: 1, content: { pool: 9n } };
  const orders = (endAt: number, nextAt: number): unknown =>
    openedFact(5, 1, tournament as unknown as Tournament, { startAt: 10, endAt, nextAt }).tasks;
  const [close, next] = [
    { task: CLOSE, id: 5, at: 20 },
    { task: OPEN_SEASON, id: 4, at: 30 },
  ];
  assert.deepEqual(orders(20, 30), [close, next]);
  assert.deepEqual(orders(20, 0), [close]);
  assert.deepEqual(orders(0, 0), []);
});
