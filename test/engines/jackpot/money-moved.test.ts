/** Transfers between jackpots and adjustments, as decided: without a database. */
import assert from 'node:assert/strict';
import { test } from 'vitest';
import { PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotEmptied, PotEndowed } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { definition, statusNumber, type Status } from '../../../src/catalogue/index.ts';
import { adjusting, potAdjusted, type PotPart } from '../../../src/engines/jackpot/adjusted.ts';
import { bindPot, type Jackpot, type Pot } from '../../../src/engines/jackpot/bound.ts';
import { pot as pots } from '../../../src/engines/jackpot/entities.ts';
import { potEmptied, potEndowed } from '../../../src/engines/jackpot/transferred.ts';
import { transferring, type Move } from '../../../src/engines/jackpot/transferring.ts';
import { account, accountId, StaleVersionError, type Fact, type Snapshot } from '../../../src/journal/index.ts';
import { MICROS_MAX } from '../../../src/kernel/index.ts';

const pot = (id: number, more: Partial<PotDefinitionV2> = {}): Pot =>
  bindPot(PotDefinitionV2.fromPartial({ pot: BigInt(id), code: `p${id}`, share: 1_000_000n, ...more }));
const jackpot = (id: number, all: readonly Pot[], seeds = 0n): Jackpot =>
  ({
    id,
    seeds,
    pots: all,
    definitionId: id * 10,
    code: `j${id}`,
    version: 1,
    versionId: 1,
    asset: 1,
    assetCode: 'USD',
    account: accountId('jackpot', id, 1),
  }) as unknown as Jackpot;

interface Given {
  readonly money: Readonly<Record<number, readonly [value: bigint, reserve: bigint, surplus: bigint]>>;
  readonly status?: Readonly<Record<number, Status>>;
  readonly balance?: bigint;
  readonly starts?: number;
}

/** The state of pots by their numbers, and of jackpots. */
const given = ({ money, status = {}, balance = 0n, starts = 0 }: Given): Snapshot =>
  ({
    now: 1_000_000,
    row(table: unknown, id: number) {
      if (table === definition) return { status: statusNumber(status[id / 10] ?? 'active'), version: 1 };
      if (table === account) return { balance };
      assert.equal(table, pots);
      const [value, reserve, surplus] = money[id]!;
      return { id, value, reserve, surplus, starts, cycle: 4, terms: '' };
    },
  }) as unknown as Snapshot;

const [ONE, THIRD] = [1_000_000n, 333_333n];
const moved = (to: Jackpot, moves: readonly Move[], state: Given): readonly Fact[] => {
  const archived = { statuses: ['archived'], reason: 'JACKPOT_NOT_ENDED' } as const;
  const from = jackpot(1, []);
  const request = { from, to, moves, given: archived, reason: '' };
  return transferring.decide(request, given({ ...state, status: { 1: 'archived', ...state.status } }));
};
const endowments = (facts: readonly Fact[]): unknown[] =>
  facts.flatMap(({ kind, data }) => {
    const { pot: id, value, reserve, surplus, valueAfter } = data as PotEndowed;
    return kind === potEndowed ? [[id, value, reserve, surplus, valueAfter]] : [];
  });

test('each part of a pot is rounded down, and the last one gets the rest', () => {
  const to = [2, 3, 4].map((id) => ({ pot: pot(id), part: id === 4 ? ONE - 2n * THIRD : THIRD }));
  const all = { 1: [100n, 10n, 5n], 2: [1n, 0n, 0n], 3: [2n, 0n, 0n], 4: [3n, 0n, 0n] } as const;
  const facts = moved(jackpot(2, []), [{ from: pot(1), to }], { money: all });
  assert.deepEqual(endowments(facts), [
    [2n, 33n, 3n, 1n, 34n],
    [3n, 33n, 3n, 1n, 35n],
    [4n, 34n, 4n, 3n, 37n],
  ]);
  const [{ kind, transfers, data }] = facts as [Fact<PotEmptied>];
  assert.equal(kind, potEmptied);
  assert.deepEqual(transfers, [{ from: accountId('jackpot', 1, 1), to: accountId('jackpot', 2, 1), amount: 115n }]);
  assert.deepEqual([data.toPot, data.start!.value], [0n, 0n]);
});

test('pots that go to one pot fill it once, and the rest of both is its reserve', () => {
  const target = pot(3, { maxValue: 100n });
  const into = [{ pot: target, part: ONE }];
  const money = { 1: [60n, 1n, 0n], 2: [60n, 2n, 0n], 3: [10n, 0n, 0n] } as const;
  const facts = moved(
    jackpot(2, [target]),
    [
      { from: pot(1), to: into },
      { from: pot(2), to: into },
    ],
    { money },
  );
  assert.deepEqual(endowments(facts), [
    [3n, 60n, 1n, 0n, 70n],
    [3n, 30n, 32n, 0n, 100n],
  ]);
});

test('money is moved to an active jackpot, if its account can hold it with the seeds of its pots', () => {
  const moves = [{ from: pot(1), to: [{ pot: pot(2), part: ONE }] }];
  const money = { 1: [7n, 2n, 1n], 2: [0n, 0n, 0n] } as const;
  const move = (state: Partial<Given>) => () => moved(jackpot(2, [], 5n), moves, { money, ...state });
  assert.equal(move({ balance: MICROS_MAX - 15n })().length, 2);
  assert.throws(move({ balance: MICROS_MAX - 14n }), { reason: 'BALANCE_OUT_OF_RANGE' });
  assert.throws(move({ status: { 1: 'active' } }), { reason: 'JACKPOT_NOT_ENDED' });
  assert.throws(move({ status: { 2: 'paused' } }), { reason: 'JACKPOT_NOT_ACTIVE' });
  assert.throws(move({ money: { 1: [0n, 0n, 0n], 2: [0n, 0n, 0n] } }), { reason: 'NOTHING_TO_DROP' });
  const stale = { ...jackpot(2, []), version: 2 } as Jackpot;
  assert.throws(() => moved(stale, moves, { money }), StaleVersionError);
});

const adjusted = (one: Pot, part: PotPart, amount: bigint, state: Given): readonly Fact[] =>
  adjusting.decide({ jackpot: jackpot(1, [one], 5n), pot: one, part, amount, reason: 'r' }, given(state));

test('the operator pays or gets what an adjustment makes of a difference', () => {
  const [own, operator] = [accountId('jackpot', 1, 1), accountId('operator', 0, 1)];
  const money = { 1: [20n, 10n, 4n] } as const;
  const [raised, note] = adjusted(pot(1), 'reserve', 15n, { money });
  assert.deepEqual(raised!.transfers, [{ from: operator, to: own, amount: 5n }]);
  const { value, reserve, surplus } = raised!.data as { value: bigint; reserve: bigint; surplus: bigint };
  assert.deepEqual([raised!.kind, value, reserve, surplus], [potAdjusted, 20n, 15n, 4n]);
  const { before, after } = note!.data as { before: string; after: string };
  assert.deepEqual([before, after], ['0.00001', '0.000015']);
  const [lowered] = adjusted(pot(1), 'surplus', 1n, { money });
  assert.deepEqual(lowered!.transfers, [{ from: own, to: operator, amount: 3n }]);
  assert.deepEqual(adjusted(pot(1), 'value', 20n, { money }), []);
});

test('what players play for goes down only while it is paused; a surplus is not played for', () => {
  const money = { 1: [20n, 10n, 4n] } as const;
  for (const part of ['value', 'reserve'] as const) {
    assert.throws(() => adjusted(pot(1), part, 1n, { money }), { reason: 'INSTANCE_NOT_ADJUSTABLE' });
    assert.equal(adjusted(pot(1), part, 1n, { money, status: { 1: 'paused' } }).length, 2);
    assert.equal(adjusted(pot(1), part, 30n, { money }).length, 2);
  }
  assert.equal(adjusted(pot(1), 'surplus', 1n, { money }).length, 2);
  const ended = { money, status: { 1: 'archived' } } as const;
  assert.throws(() => adjusted(pot(1), 'value', 30n, ended), { reason: 'INSTANCE_NOT_ADJUSTABLE' });
});

test('a pot is adjusted to its cap and halfway to its bound at most, and not after its last win', () => {
  const money = { 1: [20n, 0n, 0n] } as const;
  const fits = (one: Pot, amount: bigint, state: Partial<Given> = {}) => {
    assert.equal(adjusted(one, 'value', amount, { money, ...state }).length, 2);
    assert.throws(() => adjusted(one, 'value', amount + 1n, { money, ...state }));
  };
  fits(pot(1, { maxValue: 50n }), 50n);
  fits(pot(1, { seed: 10n, mustDropValue: 110n }), 60n);
  // With the seeds of its next starts the account cannot hold more.
  fits(pot(1), 30n, { balance: MICROS_MAX - 15n });
  const last = { money, starts: 2 } as const;
  assert.throws(() => adjusted(pot(1, { maxStarts: 1 }), 'value', 30n, last), { reason: 'INVALID_ARGUMENT' });
  assert.equal(adjusted(pot(1, { maxStarts: 1 }), 'reserve', 30n, last).length, 2);
  assert.equal(adjusted(pot(1, { maxValue: 50n }), 'reserve', 500n, { money }).length, 2);
});
