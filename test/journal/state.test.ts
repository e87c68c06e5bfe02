import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { StatementLine } from '../../src/journal/account.ts';
import { account, accountId, type Fact, type Transfer } from '../../src/journal/index.ts';
import { checkTransfers, State } from '../../src/journal/state.ts';
import { ApiError, MICROS_MAX } from '../../src/kernel/index.ts';
import { transferred } from '../../src/ledger/commands/transfer.ts';
import { guard } from '../../src/players/index.ts';

const [HOUSE, A, B] = [accountId('operator', 0, 0), accountId('player', 1, 0), accountId('player', 2, 0)];
const ESCROW = accountId('escrow', 1, 0);

/** A state of accounts with these balances, locked; others are only read. */
function stateOf(balances: Readonly<Record<number, bigint>>, read: readonly number[] = []): State {
  const state = new State();
  for (const [id, balance] of Object.entries(balances))
    state.put(account, Object.assign(account.blank(Number(id)), { balance }), true);
  for (const id of read) state.put(account, account.blank(id), false);
  return state;
}

const fact = (...transfers: readonly (readonly [from: number, to: number, amount: bigint])[]): Fact => ({
  kind: transferred,
  id: A,
  data: { fromBalance: undefined, toBalance: undefined, reverses: Buffer.alloc(0) },
  transfers: transfers.map(([from, to, amount]): Transfer => ({ from, to, amount })),
});
const check = (state: State, ...facts: readonly Fact[]): void => checkTransfers(facts, state, (asset) => `A${asset}`);
const refusal = (call: () => unknown): ApiError => {
  try {
    call();
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
  throw new Error('it was not refused');
};

describe('the transfers of a decision', () => {
  test('may empty an account, and take nothing more', () => {
    check(stateOf({ [A]: 3n, [B]: 0n }), fact([A, B, 3n]));
    const { reason, message, details } = refusal(() =>
      check(stateOf({ [A]: 2_500_000n, [B]: 0n }), fact([A, B, 2_500_001n])),
    );
    assert.equal(reason, 'INSUFFICIENT_BALANCE');
    assert.deepEqual(details, { asset: 'A0', balance: '2.5', required: '2.500001' });
    assert.equal(message, 'the balance of 2.5 A0 is below 2.500001');
  });

  test('may fill an account up to the largest balance, and no further', () => {
    check(stateOf({ [A]: MICROS_MAX - 3n }), fact([HOUSE, A, 3n]));
    const { reason, details } = refusal(() => check(stateOf({ [A]: MICROS_MAX - 3n }), fact([HOUSE, A, 4n])));
    assert.deepEqual([reason, details], ['BALANCE_OUT_OF_RANGE', { asset: 'A0' }]);
  });

  test('are checked one after the other: what is won cannot pay for it', () => {
    const empty = { [A]: 0n, [B]: 1n };
    check(stateOf(empty), fact([B, A, 1n], [A, B, 1n]));
    assert.equal(refusal(() => check(stateOf(empty), fact([A, B, 1n], [B, A, 1n]))).reason, 'INSUFFICIENT_BALANCE');
    // Over several facts, too.
    check(stateOf(empty), fact([B, A, 1n]), fact([A, B, 1n]));
    assert.equal(
      refusal(() => check(stateOf(empty), fact([B, A, 1n]), fact([B, A, 1n]))).reason,
      'INSUFFICIENT_BALANCE',
    );
    const full = { [A]: MICROS_MAX, [B]: 1n };
    assert.equal(refusal(() => check(stateOf(full), fact([B, A, 1n], [A, B, 1n]))).reason, 'BALANCE_OUT_OF_RANGE');
  });

  test("tell a player's balance to nobody where another account is short", () => {
    const { message, details } = refusal(() => check(stateOf({ [ESCROW]: 1n, [A]: 0n }), fact([ESCROW, A, 2n])));
    assert.deepEqual([message, details], ['the escrow account is short of A0', { asset: 'A0' }]);
  });

  test("may take anything of the operator's own accounts, which are not even loaded", () => {
    check(stateOf({ [A]: 0n }), fact([HOUSE, A, MICROS_MAX]));
    check(stateOf({}), fact([HOUSE, accountId('external', 0, 0), 1n]));
  });

  for (const [what, from, to, amount] of [
    ['nothing', HOUSE, A, 0n],
    ['less than nothing', HOUSE, A, -1n],
    ['more than there can be', HOUSE, A, MICROS_MAX + 1n],
    ['from an account to itself', A, A, 1n],
    ['from one asset to another', accountId('operator', 0, 1), A, 1n],
  ] as const) {
    test(`never move ${what}`, () => {
      assert.throws(() => check(stateOf({ [A]: 5n }), fact([from, to, amount])), /^Error: no transfer/);
    });
  }

  test('of an account that was not requested are a fault', () => {
    assert.throws(() => check(stateOf({}), fact([HOUSE, A, 1n])), /was not asked for/);
  });
});

describe('a fact', () => {
  const at = { time: 5, tx: 6, aggregate: A, operationId: 'o' };

  test('counts its aggregate, and moves balances in the order of its transfers', () => {
    const state = stateOf({ [A]: 10n, [B]: 0n });
    const folded = state.fold(fact([A, B, 4n], [B, A, 1n], [HOUSE, B, 2n]), at);
    assert.equal(folded.sequence, 1);
    const line = (id: number, sequence: number, amount: bigint, balance: bigint): StatementLine => ({
      account: id,
      sequence,
      amount,
      balance,
    });
    assert.deepEqual(folded.lines, [
      line(A, 1, -4n, 6n),
      line(B, 1, 4n, 4n),
      line(B, 2, -1n, 3n),
      line(A, 2, 1n, 7n),
      line(B, 3, 2n, 5n),
    ]);
    assert.equal(state.fold(fact(), at).sequence, 2);
    assert.deepEqual([state.row(account, A).balance, state.row(account, A).lines], [7n, 2]);
  });

  test('has statement lines of players alone', () => {
    const state = stateOf({ [A]: 0n, [ESCROW]: 9n });
    const { lines } = state.fold(fact([ESCROW, A, 4n]), at);
    assert.deepEqual(
      lines.map((one) => one.account),
      [A],
    );
    assert.deepEqual([state.row(account, ESCROW).balance, state.row(account, ESCROW).lines], [5n, 0]);
  });
});

describe('a row', () => {
  test('is changed only where it is locked', () => {
    const state = stateOf({ [A]: 0n }, [B]);
    assert.throws(() => state.edit(account, B), /is not locked/);
    assert.throws(() => state.edit(account, HOUSE), /is not locked/);
    assert.equal(state.edit(account, A).id, A);
  });

  test('is saved where it was changed, and inserted where it is new, each table by number', () => {
    const state = stateOf({ [B]: 0n, [A]: 0n, [ESCROW]: 0n });
    state.edit(account, B);
    state.edit(account, A);
    state.create(guard, 8);
    state.create(guard, 7).exclusion = 2;
    const ids = (rows: ReadonlyMap<unknown, readonly { id: number }[]>) =>
      [...rows].map(([, all]) => all.map((r) => r.id));
    assert.deepEqual(ids(state.dirty()), [[A, B]]);
    assert.deepEqual(ids(state.created()), [[7, 8]]);
    assert.throws(() => state.create(guard, 7), /is not new/);
    assert.throws(() => state.create(account, A), /is not new/);
    assert.ok(state.has(guard, 7) && !state.has(guard, 9) && !state.has(account, 7));
  });
});
