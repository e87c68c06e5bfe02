import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { account, accountId, DeferredError, type Command, type Journal } from '../../src/journal/index.ts';
import { createTransfer, type TransferAnswer } from '../../src/ledger/index.ts';
import { player } from '../../src/players/index.ts';
import { runSql } from '../support/sql.ts';
import { journalOn, openJournal, options } from './fixture.ts';

type Transfer = Parameters<typeof createTransfer.decide>[0];

let url: string;
let journal: Journal;
let other: Journal;
let faults: unknown[];
beforeAll(async () => {
  ({ url, journal, faults } = await openJournal());
  other = journalOn(url, faults);
});
afterAll(async () => {
  await journal.close();
  await other.close();
  assert.deepEqual(faults, []);
});

const id = (n: number): number => accountId('player', n, 0);
const pay = (from: number, to: number, amount = 1n): Transfer => ({ from, to, amount });
const FUNDS = accountId('operator', 0, 0);

/** Pays the player that a player's row names: its brand is the payee's number. */
const payNamed: Command<{ readonly payer: number }, TransferAnswer> = {
  name: 'test.pay-named',
  later: account.rank,
  needs({ payer }, rows) {
    rows.lock(player, payer);
  },
  needsThen({ payer }, rows, loaded) {
    const payee = loaded.row(player, payer).brandId;
    for (const n of [payer, payee]) rows.lock(account, id(n));
  },
  decide({ payer }, snapshot) {
    const payee = snapshot.row(player, payer).brandId;
    if (!snapshot.has(account, id(payee))) throw new DeferredError();
    return createTransfer.decide(pay(id(payer), id(payee)), snapshot);
  },
  answer: createTransfer.answer,
};

const balance = async (n: number): Promise<number> =>
  Number((await runSql(url, 'select balance from account where id = $1', [id(n)]))[0]?.balance ?? 0);

test('rows that are known only from a locked row are locked in a second stage, and created if missing', async () => {
  await journal.run(createTransfer, pay(FUNDS, id(1), 5n), options());
  await runSql(url, 'insert into player (operator_id, id, brand_id) values (1, 1, 77)');
  const { transfer } = await journal.run(payNamed, { payer: 1 }, options());
  assert.deepEqual([transfer.to, await balance(77), await balance(1)], [id(77), 1, 4]);
});

test('batches with one stage and with two, from two processes on the same rows, finish without an error', async () => {
  const ring = [11, 12, 13, 14];
  for (const [i, n] of ring.entries()) {
    await journal.run(createTransfer, pay(FUNDS, id(n), 1000n), options());
    await runSql(url, 'insert into player (operator_id, id, brand_id) values (1, $1, $2)', [n, ring[(i + 1) % 4]]);
  }
  await Promise.all(
    Array.from({ length: 600 }, (_, i) => {
      const on = i % 2 === 0 ? journal : other;
      const [from, to] = [ring[i % 4]!, ring[(i + 3) % 4]!];
      return i % 3 === 0
        ? on.run(payNamed, { payer: from }, options())
        : on.run(createTransfer, pay(id(from), id(to)), options());
    }),
  );
  const [{ sum }] = await runSql(url, 'select sum(balance) from account where id = any($1)', [ring.map(id)]);
  assert.equal(Number(sum), 4000);
  assert.deepEqual(faults, []);
});
