import assert from 'node:assert/strict';
import { test } from 'vitest';
import {
  gameroundOf,
  payoutCause,
  payPrize,
  sharesOrder,
  wholeOf,
  type Prize,
} from '../../../src/engines/jackpot/payouts.ts';
import { accountId } from '../../../src/journal/index.ts';

const rules = { withholdAbove: 100n, withholdCountries: ['XX'] };
const instance = { rules } as unknown as Parameters<typeof payPrize>[1];
const [POTS, ESCROW] = [accountId('jackpot', 5, 1), accountId('escrow', 5, 1)];
const prize = (more: Partial<Prize> = {}): Prize => ({
  from: POTS,
  asset: 1,
  amount: 100n,
  shares: [],
  player: 7,
  country: 'MT',
  purse: { asset: 1, worth: (micros) => micros },
  full: false,
  number: 9,
  escrow: 5,
  linked: '',
  ...more,
});
const purse = (player: number, asset = 1): number => accountId('player', player, asset);
const share = (player: number, amount: bigint, country = 'MT') => ({ player, amount, country });
const causesOf = (more: Partial<Prize>): readonly (readonly number[])[] => {
  const { payouts } = payPrize(prize(more), instance);
  return [payouts?.payouts ?? [], payouts?.shares ?? []].map((all) => all.map(({ cause }) => cause));
};

test('a prize of the amount is paid, and one above it goes to escrow', () => {
  const paid = { withheld: false, payouts: undefined, transfers: [{ from: POTS, to: purse(7), amount: 100n }] };
  assert.deepEqual(payPrize(prize(), instance), paid);
  const { transfers, withheld, payouts } = payPrize(prize({ amount: 101n }), instance);
  assert.deepEqual([transfers, withheld], [[{ from: POTS, to: ESCROW, amount: 101n }], true]);
  assert.deepEqual(payouts!.payouts, [{ player: 7n, amount: 101n, asset: 1n, paid: 101n, cause: payoutCause.amount }]);
  assert.equal(payPrize(prize({ amount: 101n }), undefined).withheld, false);
});

test('a prize is withheld for its amount, its country, or a balance that cannot hold it, in this order', () => {
  const { amount, country, balance } = payoutCause;
  assert.deepEqual(causesOf({ country: 'XX' }), [[country], []]);
  assert.deepEqual(causesOf({ full: true }), [[balance], []]);
  assert.deepEqual(causesOf({ country: 'XX', full: true }), [[country], []]);
  assert.deepEqual(causesOf({ amount: 101n, country: 'XX', full: true }), [[amount], []]);
});

test('shares wait in escrow, with the prize if that is withheld; in escrow nothing moves', () => {
  const shares = [share(8, 20n), share(9, 10n)];
  const paid = payPrize(prize({ shares }), instance);
  assert.deepEqual(paid.transfers, [
    { from: POTS, to: purse(7), amount: 100n },
    { from: POTS, to: ESCROW, amount: 30n },
  ]);
  assert.equal(wholeOf({ amount: 100n, payouts: paid.payouts }), 130n);
  const held = { shares, country: 'XX' };
  assert.deepEqual(payPrize(prize(held), instance).transfers, [{ from: POTS, to: ESCROW, amount: 130n }]);
  assert.deepEqual(payPrize(prize({ ...held, from: ESCROW }), instance).transfers, []);
});

test('a share is withheld for itself, or with the prize, but not because the winner’s balance is full', () => {
  const { amount, balance, country, share: due, win } = payoutCause;
  const shares = [share(8, 20n), share(9, 20n, 'XX'), share(10, 101n)];
  assert.deepEqual(causesOf({ shares }), [[], [due, country, amount]]);
  assert.deepEqual(causesOf({ shares, full: true }), [[balance], [due, country, amount]]);
  assert.deepEqual(causesOf({ shares, country: 'XX' }), [[country], [win, win, win]]);
  assert.deepEqual(causesOf({ shares, amount: 101n }), [[amount], [win, win, win]]);
});

test('shares are paid by a task, if one of them is due', () => {
  const order = (more: Partial<Prize>): number[] =>
    sharesOrder(payPrize(prize(more), instance).payouts, 44).map(({ id, at }) => id + at);
  assert.deepEqual(order({ shares: [share(8, 200n), share(9, 20n)] }), [9 + 44]);
  assert.deepEqual(order({ shares: [share(8, 200n)] }), []);
  assert.deepEqual(order({}), []);
});

test('a prize in another currency goes over the exchange, each side in its own', () => {
  const bought = { from: POTS, to: accountId('exchange', 0, 1), amount: 100n };
  const inOther = (amount: Prize['amount'], divisor: bigint) =>
    payPrize(prize({ amount, purse: { asset: 2, worth: (micros) => micros / divisor } }), instance);
  assert.deepEqual(inOther(100n, 3n).transfers, [
    bought,
    { from: accountId('exchange', 0, 2), to: purse(7, 2), amount: 33n },
  ]);
  assert.deepEqual(inOther(100n, 101n).transfers, [bought]);
  const { payouts } = inOther(150n, 3n);
  assert.deepEqual(
    [payouts!.payouts[0]!.amount, payouts!.payouts[0]!.paid, payouts!.payouts[0]!.asset],
    [150n, 50n, 2n],
  );
});

test('a linked contribution has an id of its own, always the same', () => {
  const [one, other] = ['0191d7a0-0000-7000-8000-000000000000', '0191d7a0-0000-7000-8000-000000000001'];
  const id = gameroundOf(one, 'a');
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(gameroundOf(one, 'a'), id);
  assert.equal(new Set([id, gameroundOf(one, 'b'), gameroundOf(other, 'a')]).size, 3);
});
