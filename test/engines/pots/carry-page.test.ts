import assert from 'node:assert/strict';
import { test } from 'vitest';
import { definition, statusNumber, type Status } from '../../../src/catalogue/index.ts';
import { carryPage, type CarryPage } from '../../../src/engines/pots/carry/carrying.ts';
import { optInsCarried, optInTransfer } from '../../../src/engines/pots/carry/transfer.ts';
import { optIn, optInCode, type Jackpot } from '../../../src/engines/jackpot/index.ts';
import { StaleVersionError, type Snapshot, type Table } from '../../../src/journal/index.ts';

const rules = { allowedCountries: [], blacklistedCountries: [], minContribution: [], maxContribution: [] };
const instance = { rules, brand: 0n, brands: [], startsAt: 0n, recurrence: [] };
const jackpot = (id: number): Jackpot => ({ id, instance, definitionId: id * 10, version: 1, code: `j${id}` }) as never;
const [from, to] = [jackpot(1), jackpot(2)];
const page: CarryPage = {
  from,
  to,
  id: 9,
  after: 5,
  position: 6,
  players: [{ player: 300, newRow: 77 }],
  last: false,
  again: true,
};

interface Choice {
  readonly optedIn?: 0 | 1;
  readonly brandId?: number;
  /** When the player has chosen for the target; unset: never. */
  readonly targetAt?: number;
}

/** A transfer that stands at a position, and a player who has opted in to the source. */
function given(position: number, target: Status = 'active', finishedAt = 0, choice: Choice = {}): Snapshot {
  const { optedIn = 1, brandId = 1001, targetAt } = choice;
  const rows = new Map<Table<any>, (id: number) => object>([
    [optInTransfer, () => ({ position, finishedAt, carried: 3, reason: 'r' })],
    [definition, (id) => ({ status: statusNumber(id === to.definitionId ? target : 'paused'), version: 1 })],
    [optIn, (id) => ({ optedIn, brandId, preferred: 4n, changedAt: id === 6 ? 8 : targetAt })],
  ]);
  const [known, chosen] = [optInCode(from.id, 300), optInCode(to.id, 300)];
  return {
    now: 1,
    row: (table: Table<any>, id: number) => rows.get(table)!(id),
    find: (_: unknown, code: string) =>
      code === known ? 6 : code === chosen && targetAt !== undefined ? 55 : undefined,
  } as never;
}

test('a page is carried where it was made for, and orders the next run', () => {
  const [fact, ...others] = carryPage.decide(page, given(5));
  assert.deepEqual(fact!.data.optIns, [
    { row: 77n, made: true, player: 300n, brand: 1001n, preferred: 4n, chosenAt: 8n },
  ]);
  assert.deepEqual([fact!.tasks!.length, others.length], [1, 0]);
});

test('a page that another process has carried, or of a transfer that is finished, decides nothing', () => {
  assert.deepEqual(carryPage.decide(page, given(6)), []);
  assert.deepEqual(carryPage.decide(page, given(5, 'active', 1)), []);
});

test('where the target is terminated nothing more is carried, and the transfer is told as finished', () => {
  const facts = carryPage.decide(page, given(5, 'archived'));
  assert.equal(facts[0]!.kind, optInsCarried);
  assert.deepEqual([facts[0]!.data.optIns, facts[0]!.data.finished, facts[0]!.tasks], [[], true, []]);
  assert.deepEqual(
    facts.slice(1).map(({ id, data }) => [id, data.after]),
    [
      [from.definitionId, '3'],
      [to.definitionId, '3'],
    ],
  );
});

test('a target of another version is prepared again', () => {
  const request = { ...page, to: { ...to, version: 2 } as Jackpot };
  assert.throws(() => carryPage.decide(request, given(5)), StaleVersionError);
});

test('a choice that the player has made for the target since stays; an older one is replaced', () => {
  const rows = (choice: Choice, of = page): unknown[] =>
    carryPage.decide(of, given(5, 'active', 0, choice))[0]!.data.optIns.map(({ row, made }: any) => [row, made]);
  assert.deepEqual(rows({ targetAt: 7 }), [[55n, false]]);
  assert.deepEqual(rows({ targetAt: 8 }), []);
  assert.deepEqual(rows({ targetAt: 9 }), []);
  // Who has opted out since the page was read, and whose brand the target does not take, is left out.
  assert.deepEqual(rows({ optedIn: 0 }), []);
  const closed = { ...to, instance: { ...instance, brands: [2002n] } } as unknown as Jackpot;
  assert.deepEqual(rows({}, { ...page, to: closed }), []);
  assert.deepEqual(rows({ brandId: 2002 }, { ...page, to: closed }), [[77n, true]]);
});
