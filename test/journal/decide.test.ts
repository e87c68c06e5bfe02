import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Call } from '../../src/journal/call.ts';
import { BrokenFold, decide, type Decided, type Outcome } from '../../src/journal/decide.ts';
import {
  account,
  accountId,
  DeferredError,
  StaleVersionError,
  type CallOptions,
  type Command,
  type Operation,
} from '../../src/journal/index.ts';
import { State } from '../../src/journal/state.ts';
import { ApiError } from '../../src/kernel/index.ts';
import { createTransfer, transferred } from '../../src/ledger/commands/transfer.ts';
import { like, options } from './fixture.ts';

const [A, B] = [accountId('player', 1, 0), accountId('player', 2, 0)];
const NOW = 1_700_000_000_123_456;
const EPOCH = { number: 1, startedAt: 0, txBase: 0 };

/** A transfer from A to B, unless another command is given. */
function call(amount: bigint, more: Partial<CallOptions> = {}, command: Command<any, any> = createTransfer): Call {
  return {
    command,
    request: { from: A, to: B, amount },
    options: options(more),
    resolve: () => undefined,
    reject: () => undefined,
  };
}

const operation = (id: string, requestHash = 'h'): Operation => ({
  id,
  requestHash,
  time: 1,
  tx: 1,
  caller: 'test',
  facts: [],
});

/** Decides calls where A has 10. */
function decided(calls: readonly Call[], known: Readonly<Record<string, Operation>> = {}): Decided & { state: State } {
  const state = new State();
  for (const [id, balance] of [
    [A, 10n],
    [B, 0n],
  ] as const)
    state.put(account, Object.assign(account.blank(id), { balance }), true);
  const loaded = { state, now: NOW, tx: 7, epoch: EPOCH, known: new Map(Object.entries(known)) };
  return { state, ...decide(1, calls, loaded, (asset) => `A${asset}`) };
}

const said = (outcome: Outcome): string =>
  outcome.is === 'refused' ? outcome.error.reason : outcome.is === 'done' && outcome.replayed ? 'replayed' : outcome.is;
const outcomesOf = (...of: Parameters<typeof decided>): string[] => decided(...of).outcomes.map(said);
const throwing = (error: unknown): Command<any, any> =>
  like(createTransfer, {
    decide() {
      throw error;
    },
  });

describe('the calls of a batch', () => {
  test('are decided in order, each on what the ones before have left', () => {
    const { outcomes, entries, state } = decided([call(6n), call(6n), call(4n), call(1n)]);
    assert.deepEqual(outcomes.map(said), ['done', 'INSUFFICIENT_BALANCE', 'done', 'INSUFFICIENT_BALANCE']);
    assert.deepEqual([state.row(account, A).balance, state.row(account, B).balance], [0n, 10n]);
    assert.deepEqual(
      entries.map(({ aggregateSequence, part }) => [aggregateSequence, part]),
      [
        [1, 0],
        [2, 0],
      ],
    );
    // By chance one order of 3,628,800 is right.
    const many = decided(Array.from({ length: 10 }, () => call(1n))).entries;
    const ids = many.map((entry) => entry.operation.id);
    assert.deepEqual(ids, [...ids].sort(), 'ids are in the order of the calls');
    assert.ok(ids.every((id) => parseInt(id.replace('-', '').slice(0, 12), 16) === Math.floor(NOW / 1000)));
  });

  test('may be refused, stale or fail, each alone', () => {
    const failed = new Error('a bug');
    const { outcomes, entries, keys, state } = decided([
      call(1n, { keys: ['a'] }, throwing(new ApiError('RATE_LIMITED', 'no'))),
      call(1n, { keys: ['b'] }, throwing(new StaleVersionError())),
      call(1n, { keys: ['c'] }, throwing(failed)),
      call(1n, { keys: ['d'] }),
    ]);
    assert.deepEqual(outcomes.map(said), ['RATE_LIMITED', 'stale', 'failed', 'done']);
    assert.deepEqual(
      keys.map(({ key }) => key),
      ['d'],
    );
    assert.equal(entries.length, 1);
    assert.equal(state.row(account, A).balance, 9n);
  });

  test('wait for the next batch, and so do those after them with the same route', () => {
    const waits = throwing(new DeferredError());
    assert.deepEqual(
      outcomesOf([
        call(1n, { route: 1 }),
        call(1n, { route: 1 }, waits),
        call(1n, { route: 2 }),
        call(1n, { route: 1 }),
      ]),
      ['done', 'later', 'done', 'later'],
    );
  });

  test('are void together if a fact does not fold', () => {
    const broken = like(createTransfer, {
      decide: (request, snapshot) =>
        createTransfer.decide(request, snapshot).map((fact) => ({
          ...fact,
          kind: {
            ...transferred,
            evolve() {
              throw new Error('broken');
            },
          },
        })),
    });
    assert.throws(() => decided([call(1n), call(1n, {}, broken), call(1n)]), BrokenFold);
  });
});

describe('a key', () => {
  test('that was used before gets the answer of then, and nothing is done', () => {
    const { outcomes, entries, keys } = decided([call(1n, { keys: ['a'], requestHash: 'h' })], { a: operation('one') });
    assert.deepEqual(outcomes, [{ is: 'done', operation: operation('one'), replayed: true }]);
    assert.deepEqual([entries, keys], [[], []]);
  });

  test('of another request is refused, and names the operation', () => {
    const calls = [call(1n, { keys: ['a'], requestHash: 'other' })];
    const [outcome] = decided(calls, { a: operation('one') }).outcomes;
    assert.ok(outcome?.is === 'refused');
    assert.deepEqual(
      [outcome.error.reason, outcome.error.details],
      ['IDEMPOTENCY_KEY_REUSED', { operation_id: 'one' }],
    );
  });

  test('and another one of two operations are refused; of one operation they are not', () => {
    const both = [call(1n, { keys: ['a', 'b'], requestHash: 'h' })];
    assert.deepEqual(outcomesOf(both, { a: operation('one'), b: operation('two') }), ['IDEMPOTENCY_KEY_REUSED']);
    assert.deepEqual(outcomesOf(both, { a: operation('one'), b: operation('one') }), ['replayed']);
    assert.deepEqual(outcomesOf(both, { b: operation('one') }), ['replayed']);
  });

  test('that comes twice in a batch is done once', () => {
    const twice = [call(1n, { keys: ['a'], requestHash: 'h' }), call(1n, { keys: ['a'], requestHash: 'h' })];
    const { outcomes, entries, keys } = decided(twice);
    assert.deepEqual(outcomes.map(said), ['done', 'replayed']);
    assert.deepEqual([entries.length, keys.length], [1, 1]);
  });

  test('of a refused call may be used again', () => {
    const calls = [call(11n, { keys: ['a'], requestHash: 'h' }), call(1n, { keys: ['a'], requestHash: 'i' })];
    assert.deepEqual(outcomesOf(calls), ['INSUFFICIENT_BALANCE', 'done']);
  });

  test('of a call that changes nothing may be used again', () => {
    const nothing = like(createTransfer, { decide: () => [] });
    const { outcomes, entries, keys } = decided([
      call(1n, { keys: ['a'], once: 'o' }, nothing),
      call(1n, { keys: ['a'] }),
    ]);
    assert.deepEqual(outcomes.map(said), ['done', 'done']);
    assert.deepEqual([entries.length, keys.length], [1, 1]);
  });
});

describe('what happens at most once', () => {
  const once = (key: string): Call => call(1n, { keys: [key], once: 'o', requestHash: key });

  test('happened with the first key: others get its answer, whatever they send', () => {
    const { outcomes, entries, keys } = decided([once('a'), once('b')]);
    assert.deepEqual(outcomes.map(said), ['done', 'replayed']);
    assert.deepEqual(
      keys.map(({ key }) => key),
      ['a', 'o'],
    );
    assert.equal(entries.length, 1);
  });

  test('goes after a key that was used before', () => {
    const { outcomes } = decided([once('a')], { o: operation('done', 'x'), a: operation('own', 'a') });
    assert.deepEqual(outcomes, [{ is: 'done', operation: operation('own', 'a'), replayed: true }]);
  });
});

test('the operation of a new call has its caller, its request, its clock and its transaction', () => {
  const { outcomes } = decided([call(1n, { caller: 'key:1', requestHash: 'h' })]);
  assert.ok(outcomes[0]?.is === 'done');
  const { time, tx, caller, requestHash, facts } = outcomes[0].operation;
  assert.deepEqual([time, tx, caller, requestHash, facts.length], [NOW, 7, 'key:1', 'h', 1]);
});
