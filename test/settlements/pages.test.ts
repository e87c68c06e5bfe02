import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { SettlementPaid } from '../../gen/ts/windfall/facts/v1/settlement.ts';
import { account, accountId, type Fact } from '../../src/journal/index.ts';
import { MICROS_MAX } from '../../src/kernel/index.ts';
import { payPage, settlement, type Page, type Payee } from '../../src/settlements/index.ts';
import { snapshotOf } from '../support/snapshot.ts';

const [ROUND, ASSET, NOW] = [5, 1, 90];
const payee = (position: number, player: number, amount: bigint): Payee => ({
  position,
  player,
  amounts: [{ asset: ASSET, amount }],
});
const PAGE: Page = {
  id: ROUND,
  after: 3,
  payees: [payee(4, 7, 10n), payee(6, 8, 20n)],
  last: false,
  task: 'test.settle',
};

/** Pays a page of an open settlement that is at position 3; undefined: nothing was decided. */
function pay(page: Partial<Page>, row: object = {}, balance = 0n): Fact<SettlementPaid> | undefined {
  const open = { openedAt: 1, finishedAt: 0, position: 3, ...row };
  const snapshot = snapshotOf(NOW, [settlement, open], [account, { balance }]);
  return payPage.decide({ ...PAGE, ...page }, snapshot)[0] as Fact<SettlementPaid> | undefined;
}
const paid = (fact: Fact<SettlementPaid> | undefined): unknown[] =>
  fact!.transfers.map(({ to, amount }) => [to, amount]);
const own = (player: number): number => accountId('player', player, ASSET);

test('a page is paid where the settlement stands, and nowhere else', () => {
  const fact = pay({})!;
  assert.deepEqual(paid(fact), [
    [own(7), 10n],
    [own(8), 20n],
  ]);
  assert.deepEqual([fact.data.position, fact.data.payees, fact.data.finished], [6n, 2n, false]);
  for (const row of [{ position: 2 }, { position: 6 }, { finishedAt: 9 }, { openedAt: 0 }])
    assert.equal(pay({}, row), undefined, JSON.stringify(row));
});

test('a page orders the next one, unless it is the last, or a call pays it', () => {
  assert.deepEqual(pay({})!.tasks, [{ task: 'test.settle', id: ROUND, at: NOW }]);
  assert.deepEqual(pay({ last: true })!.tasks, []);
  assert.deepEqual(pay({ task: '' })!.tasks, []);
  assert.equal(pay({ last: true })!.data.finished, true);
});

test('what a balance cannot hold is withheld, to the micro-unit, and the others are paid', () => {
  const payees = [payee(4, 7, MICROS_MAX - 5n), payee(5, 7, 6n), payee(6, 7, 5n), payee(7, 8, 1n)];
  const fact = pay({ payees })!;
  assert.deepEqual(paid(fact), [
    [own(7), MICROS_MAX - 5n],
    [own(7), 5n],
    [own(8), 1n],
  ]);
  assert.deepEqual(
    fact.data.withheld.map(({ player, amount }) => [player, amount]),
    [[7n, 6n]],
  );
  assert.equal(fact.data.payees, 4n);
  assert.deepEqual(paid(pay({ payees: [payee(4, 7, 1n)] }, {}, MICROS_MAX)), []);
});

test('of a payee whose first amount is withheld the others are paid', () => {
  const other = 2;
  const amounts = [
    { asset: ASSET, amount: 2n },
    { asset: other, amount: 3n },
  ];
  const rows = [settlement, { openedAt: 1, finishedAt: 0, position: 3 }] as const;
  const balance = (id: number): object => ({ balance: id === own(7) ? MICROS_MAX - 1n : 0n });
  const page = { ...PAGE, payees: [{ position: 4, player: 7, amounts }] };
  const [fact] = payPage.decide(page, snapshotOf(NOW, rows, [account, balance]));
  assert.deepEqual(paid(fact as Fact<SettlementPaid>), [[accountId('player', 7, other), 3n]]);
});
