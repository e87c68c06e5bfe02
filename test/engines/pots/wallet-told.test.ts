/** What the answers of an operator's wallet say, and what it owes: without a wallet. */
import assert from 'node:assert/strict';
import { test } from 'vitest';
import { toldBy } from '../../../src/engines/pots/wallet/client.ts';
import { walletInput } from '../../../src/engines/pots/wallet/settings.ts';
import { Turns } from '../../../src/engines/pots/wallet/turns.ts';
import { accountId, type Fact, type Snapshot } from '../../../src/journal/index.ts';
import { creditedByWallet, gained, owedReason, walletOwed, type Owing } from '../../../src/wallets/index.ts';

const ASKED = { transaction_id: 't1', currency: 'EUR', amount: '5', player_id: 'ann' };
const told = (status: number, body: unknown, error: string | null = null) =>
  toldBy({ status, error, retryAfter: undefined, body: JSON.stringify(body) }, ASKED, ['transaction_id', 'amount']);
const refusal = (status: number, code: unknown): string => {
  const one = told(status, { code });
  return one.is === 'refused' ? one.cause : one.is;
};

test('a wallet has done what it repeats, and nothing else that it acknowledges', () => {
  assert.deepEqual(told(200, { transaction_id: 't1', amount: '5' }), { is: 'done' });
  for (const body of [{}, null, [], { transaction_id: 't2', amount: '5' }, { transaction_id: 't1', amount: 5 }])
    assert.equal(told(200, body).is, 'unknown');
  for (const status of [201, 204, 302, 404, 500])
    assert.equal(told(status, { transaction_id: 't1', amount: '5' }).is, 'unknown');
  assert.equal(told(200, { transaction_id: 't1', amount: '5' }, 'no connection').is, 'unknown');
});

test('a wallet has refused with a known code and a status of 4xx, unless that says "not now"', () => {
  assert.equal(refusal(400, 'INSUFFICIENT_FUNDS'), 'InsufficientFunds');
  assert.equal(refusal(499, 'PLAYER_BLOCKED'), 'PlayerBlocked');
  for (const status of [200, 399, 408, 425, 429, 500, 503])
    assert.equal(refusal(status, 'INSUFFICIENT_FUNDS'), 'unknown');
  for (const code of ['NONE', 'toString', 'constructor', '', 5, null]) assert.equal(refusal(400, code), 'unknown');
});

test('settings have bounds, which they may have themselves', () => {
  const url = 'https://wallet.example.com';
  const { timeoutMs, tries, secret } = walletInput({ url, timeout_ms: 30_000, tries: 1, secret: 'x'.repeat(16) });
  assert.deepEqual([timeoutMs, tries, secret], [30_000, 1, 'x'.repeat(16)]);
  assert.equal(walletInput({ url }).secret, null);
  for (const wrong of [
    { timeout_ms: 30_001 },
    { tries: 0 },
    { tries: 1.5 },
    { back_off: 5 },
    { secret: 'x'.repeat(15) },
    { timeout: 1 },
  ])
    assert.throws(() => walletInput({ url, ...wrong }), { reason: 'INVALID_ARGUMENT' });
});

test('so many run at once, and the others in their order, also after one that fails', async () => {
  const turns = new Turns(2);
  const order: string[] = [];
  let running = 0;
  const work = (name: string) =>
    turns.run(async () => {
      running += 1;
      assert.ok(running <= 2);
      order.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (name === 'a') throw new Error('planned');
    });
  const all = Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map(work));
  assert.equal(turns.waiting, 3);
  await all;
  assert.deepEqual([order.join(''), turns.waiting], ['abcde', 0]);
  const late = Promise.all([work('f'), work('g')]);
  assert.equal(turns.waiting, 0);
  await late;
});

const [POTS, ESCROW] = [accountId('jackpot', 5, 1), accountId('escrow', 5, 1)];
const purse = (player: number, asset = 1): number => accountId('player', player, asset);
const owing: Owing = { version: 3, rows: [71, 72, 73] };

test('what players get leaves the ledger as it comes, each once, with an order to credit it', () => {
  const facts = [
    { transfers: [{ from: POTS, to: purse(7), amount: 5n }] },
    {
      transfers: [
        { from: POTS, to: purse(8, 2), amount: 2n },
        { from: POTS, to: purse(7), amount: 4n },
        { from: POTS, to: ESCROW, amount: 9n },
        { from: purse(9), to: POTS, amount: 1n },
      ],
    },
  ] as unknown as Fact[];
  const snapshot = { now: 44 } as Snapshot;
  const [one, two, ...owed] = creditedByWallet(facts, owing, { reason: 'share', jackpot: 6, gameround: 'g' }, snapshot);
  assert.deepEqual([one, two], facts);
  const common = { wallet: 3n, jackpot: 6n, reason: owedReason.share, gameround: 'g' };
  assert.deepEqual(
    owed.map(({ kind, id, data, transfers, tasks }) => [kind === walletOwed, id, data, transfers, tasks![0]!.id]),
    [
      [
        true,
        71,
        { ...common, player: 7n, asset: 1n, owed: 9n, place: 0 },
        [{ from: purse(7), to: accountId('payable', 0, 1), amount: 9n }],
        71,
      ],
      [
        true,
        72,
        { ...common, player: 8n, asset: 2n, owed: 2n, place: 1 },
        [{ from: purse(8, 2), to: accountId('payable', 0, 2), amount: 2n }],
        72,
      ],
    ],
  );
  assert.equal(creditedByWallet(facts, undefined, { reason: 'share', jackpot: 6 }, snapshot), facts);
  assert.equal(gained(facts[1]!.transfers, purse(7)), 4n);
});
