import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startService, type Service } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { Stage } from './stage.ts';
import { WalletServer, type Action, type Behaviour, type Manner } from './wallet-server.ts';
import { assertBooks, dollarsOf, finishAll, HITS, newPlayer, settingsOf } from './wallet-stage.ts';

let service: Service;
let stage: Stage;
let wallet: WalletServer;
let instance: string;
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
  wallet = await WalletServer.start();
  const config = settingsOf(wallet);
  await stage.call('admin', 'WalletService.SetWalletConfiguration', { wallet_type: 'ThrillGate', config });
  instance = await stage.instance(HITS);
});
afterAll(async () => {
  await service.stop();
  await wallet.stop();
});

const always =
  (on: Action, manner: Manner): Behaviour =>
  (action) =>
    action === on ? manner : undefined;
const once =
  (on: Action, manner: Manner): Behaviour =>
  (action, _, before) =>
    action === on && before === 0 ? manner : undefined;
const both =
  (...all: readonly Behaviour[]): Behaviour =>
  (...call) =>
    all.map((one) => one(...call)).find((manner) => manner !== undefined);
const FAILS: Manner = { does: false, answers: { status: 500 } };
const DOES_AND_FAILS: Manner = { answers: { status: 500 } };
const DOES_AND_CUTS: Manner = { answers: 'cut' };
const HANGS: Manner = { does: false, answers: 'nothing' };
const DOES_AND_HANGS: Manner = { answers: 'nothing' };

interface Case {
  readonly what: string;
  readonly behaviour: Behaviour;
  /** What the first call is told. */
  readonly told: string;
  /** The calls about its debit, all in all. */
  readonly calls: readonly Action[];
}

const PAID = 'contributed';
const PENDING = 'WALLET_ERROR pending; repeat with the same idempotency key';
const REFUSED = 'WALLET_ERROR the wallet has not paid: nothing was contributed';
const rejected = (cause: string): string => `CONTRIBUTION_REJECTED ${cause}`;
const TWICE: readonly Action[] = ['debit', 'debit'];
const GIVEN_UP: readonly Action[] = [...TWICE, 'cancel'];

const TABLE: readonly Case[] = [
  { what: 'behaves', behaviour: () => undefined, told: PAID, calls: ['debit'] },
  { what: 'is slow', behaviour: always('debit', { afterMs: 150 }), told: PAID, calls: ['debit'] },
  { what: 'fails before it debits, once', behaviour: once('debit', FAILS), told: PAID, calls: TWICE },
  { what: 'fails after it has debited, once', behaviour: once('debit', DOES_AND_FAILS), told: PAID, calls: TWICE },
  {
    what: 'cuts the connection after it has debited',
    behaviour: once('debit', DOES_AND_CUTS),
    told: PAID,
    calls: TWICE,
  },
  { what: 'answers a debit twice', behaviour: always('debit', { answers: 'twice' }), told: PAID, calls: ['debit'] },
  { what: 'hangs after it has debited, once', behaviour: once('debit', DOES_AND_HANGS), told: PAID, calls: TWICE },
  { what: 'fails at all debits', behaviour: always('debit', FAILS), told: PENDING, calls: GIVEN_UP },
  { what: 'debits and always fails', behaviour: always('debit', DOES_AND_FAILS), told: PENDING, calls: GIVEN_UP },
  { what: 'debits and always cuts', behaviour: always('debit', DOES_AND_CUTS), told: PENDING, calls: GIVEN_UP },
  { what: 'hangs at all debits', behaviour: always('debit', HANGS), told: PENDING, calls: GIVEN_UP },
  { what: 'debits and always hangs', behaviour: always('debit', DOES_AND_HANGS), told: PENDING, calls: GIVEN_UP },
  {
    what: 'debits, hangs, and fails at cancellations for a while',
    behaviour: both(always('debit', DOES_AND_HANGS), (action, _, before) =>
      action === 'cancel' && before < 3 ? FAILS : undefined,
    ),
    told: PENDING,
    calls: [...GIVEN_UP, 'cancel', 'cancel', 'cancel'],
  },
  {
    what: 'lies about the amount of a debit',
    behaviour: always('debit', { lies: (asked) => ({ ...asked, amount: '0.05' }) }),
    told: PENDING,
    calls: GIVEN_UP,
  },
  {
    what: 'answers for another debit',
    behaviour: always('debit', { lies: (asked) => ({ ...asked, transaction_id: randomUUID() }) }),
    told: PENDING,
    calls: GIVEN_UP,
  },
  {
    what: 'debits, and says that there is too little money',
    behaviour: always('debit', { answers: { status: 402, body: { code: 'INSUFFICIENT_FUNDS' } } }),
    told: rejected('InsufficientFunds'),
    calls: ['debit', 'cancel'],
  },
  {
    what: 'refuses with a code that nobody knows',
    behaviour: always('debit', { does: false, answers: { status: 400, body: { code: 'WHY_NOT' } } }),
    told: PENDING,
    calls: GIVEN_UP,
  },
  {
    what: 'answers with megabytes',
    behaviour: always('debit', { answers: { status: 200, body: { x: 'x'.repeat(1 << 20) } } }),
    told: PENDING,
    calls: GIVEN_UP,
  },
  {
    what: 'redirects',
    behaviour: always('debit', { does: false, answers: { status: 307 } }),
    told: PENDING,
    calls: GIVEN_UP,
  },
  {
    what: 'does not take the signature',
    behaviour: always('authenticate', { does: false, answers: { status: 401, body: { code: 'SIGNATURE_INVALID' } } }),
    told: REFUSED,
    calls: [],
  },
  { what: 'does not authenticate', behaviour: always('authenticate', FAILS), told: REFUSED, calls: [] },
  {
    what: 'authenticates somebody else',
    behaviour: always('authenticate', { lies: (asked) => ({ ...asked, player_id: 'somebody' }) }),
    told: REFUSED,
    calls: [],
  },
  {
    what: 'credits and fails, for a while',
    behaviour: (action, _, before) => (action === 'credit' && before < 3 ? DOES_AND_FAILS : undefined),
    told: PAID,
    calls: ['debit'],
  },
  {
    what: 'lies about the amount of a credit, once',
    behaviour: once('credit', { does: false, lies: (asked) => ({ ...asked, amount: '0' }) }),
    told: PAID,
    calls: ['debit'],
  },
];

describe('a wallet that', () => {
  for (const { what, behaviour, told, calls } of TABLE) {
    test(what, async (t) => {
      const [player, key] = [newPlayer(wallet), randomUUID()];
      const call = async (): Promise<any> => (await stage.contribute(instance, player, { idempotency_key: key })).body;
      wallet.behaviour = behaviour;
      const from = wallet.calls.length;
      const first = await call();
      assert.equal(Array.isArray(first) ? PAID : `${first.code} ${first.message}`, told);
      await finishAll(service.databaseUrl);
      const debits = wallet.calls.slice(from).filter(({ action }) => action === 'debit' || action === 'cancel');
      assert.deepEqual(
        debits.map(({ action }) => action),
        calls,
      );
      assert.ok(new Set(debits.map(({ asked }) => asked['transaction_id'])).size <= 1);
      assert.equal(dollarsOf(wallet, player), told === PAID ? 9.75 : 10);
      // The same call again: the same result, or another try, now that the wallet behaves.
      wallet.behaviour = () => undefined;
      const again = await call();
      assert.ok(Array.isArray(again), JSON.stringify(again));
      if (told === PAID) assert.deepEqual(again, first);
      await finishAll(service.databaseUrl);
      assert.equal(dollarsOf(wallet, player), 9.75);
      await t.annotate(`${what}: ${told}; ${wallet.calls.slice(from).map(({ action }) => action)}`);
    });
  }

  test('had all its books in order, and each contribution was made once', async () => {
    const { contributed } = await assertBooks(wallet, service.databaseUrl);
    assert.equal(contributed, TABLE.length);
    assert.equal((await stage.get(instance)).total_contributions, TABLE.length);
    const [{ count }] = await runSql(service.databaseUrl, 'select count(*)::int from pots_wallet_call');
    assert.equal(count, TABLE.length);
  });
});

test('a wallet that does not answer holds up nothing else, and is soon left alone', async () => {
  wallet.behaviour = () => HANGS;
  const calls = Array.from({ length: 40 }, () => stage.contribute(instance, newPlayer(wallet)));
  const began = performance.now();
  await stage.call('service', 'LootboxService.OpenLootbox', { id: 'welcome-box', user_id: 'somebody' });
  const took = performance.now() - began;
  const outcomes = await Promise.all(calls);
  assert.ok(outcomes.every(({ body }: any) => body.code === 'WALLET_ERROR'));
  const asked = wallet.calls.length;
  // From now on it gets one debit at a time.
  const more = await Promise.all(Array.from({ length: 20 }, () => stage.contribute(instance, newPlayer(wallet))));
  assert.ok(more.every(({ body }: any) => body.code === 'WALLET_ERROR'));
  assert.ok(wallet.calls.length - asked < 30, `${wallet.calls.length - asked} calls`);
  assert.ok(took < 3000, `${took} ms`);
  wallet.behaviour = () => undefined;
  await finishAll(service.databaseUrl);
  await assertBooks(wallet, service.databaseUrl);
});
