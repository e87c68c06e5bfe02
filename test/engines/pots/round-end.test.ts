/** The ends of a raffle's rounds, as decided: without a database. */
import assert from 'node:assert/strict';
import { test } from 'vitest';
import { PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { JackpotRoundClosed } from '../../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import { definition, statusNumber, type Status } from '../../../src/catalogue/index.ts';
import { bindPot, type Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { pot as pots } from '../../../src/engines/jackpot/entities.ts';
import { endingRound, END_INSTANCE, roundClosed } from '../../../src/engines/jackpot/raffle/close-round.ts';
import { round, roundOpened, roundProlonged } from '../../../src/engines/jackpot/raffle/round.ts';
import { accountId, StaleVersionError, type Fact, type Snapshot } from '../../../src/journal/index.ts';
import { poolState, ticketPool } from '../../../src/tickets/index.ts';

const SECOND = 1_000_000;
const END = 100 * SECOND;
const [OWN, ESCROW, OPERATOR] = [accountId('jackpot', 1, 1), accountId('escrow', 9, 1), accountId('operator', 0, 1)];
/** A pot of 100, of which two winners get a quarter each, and that starts again with at least 40. */
const main = bindPot(
  PotDefinitionV2.fromPartial({ pot: 5n, code: 'main', share: 1_000_000n, seed: 40n, reseedMinimum: true }),
);

interface Given {
  readonly status?: Status;
  readonly state?: number;
  readonly tickets?: number;
  /** When the instance ends, in milliseconds. */
  readonly endsAt?: number;
  readonly recurring?: boolean;
  readonly now?: number;
  readonly at?: number;
  readonly reserve?: bigint;
  readonly next?: boolean;
  readonly value?: bigint;
}

/** What ends a round of ten seconds that was to end at 100 s. */
function ended(of: Given): readonly Fact[] {
  const { status = 'active', state = poolState.open, tickets = 6, endsAt = 0, recurring = true, now = END } = of;
  const { at = END, reserve = 0n, next = true, value = 100n } = of;
  const raffle = { recurring, seconds: 10n, winners: [{ count: 2, percentage: 500_000n }] };
  const jackpot = {
    id: 1,
    definitionId: 3,
    version: 1,
    versionId: 4,
    asset: 1,
    account: OWN,
    pots: [main],
    instance: { raffle, endsAt: BigInt(endsAt) },
  } as unknown as Jackpot;
  const rows = new Map<unknown, object>([
    [ticketPool, { state, tickets }],
    [round, { endAt: END, number: 7 }],
    [definition, { status: statusNumber(status), version: 1 }],
    [pots, { id: 5, value, reserve, surplus: 0n, starts: 0, cycle: 2, terms: '' }],
  ]);
  const snapshot = { now, row: (table: unknown) => rows.get(table) } as unknown as Snapshot;
  const following = next ? { id: 11, streamName: 'raffle/x', keyId: '1' } : null;
  return endingRound.decide({ jackpot, at, round: 9, next: following }, snapshot);
}
const closedIn = ([fact]: readonly Fact[]): JackpotRoundClosed => {
  assert.equal(fact!.kind, roundClosed);
  return fact!.data as JackpotRoundClosed;
};

test('a round is ended once, at its time, and by no order that is outdated', () => {
  assert.deepEqual(ended({ state: poolState.closed }), []);
  assert.deepEqual(ended({ state: poolState.completed }), []);
  assert.deepEqual(ended({ at: END - 1 }), []);
  assert.throws(() => ended({ now: END - 1 }), { reason: 'UNAVAILABLE' });
  assert.equal(ended({})[0]!.kind, roundClosed);
  // An instance that was terminated ends it at any time.
  assert.equal(ended({ status: 'archived', at: 0, now: SECOND })[0]!.kind, roundClosed);
});

test('what winners get goes to escrow; with the rest, and the reserve, the pot starts again', () => {
  const facts = ended({ reserve: 3n });
  const [fed] = closedIn(facts).pots;
  assert.deepEqual([fed!.prize, fed!.toReserve, fed!.fromReserve, fed!.deficit], [50n, 50n, 40n, 0n]);
  assert.equal(fed!.start!.value, 40n);
  assert.deepEqual(facts[0]!.transfers, [{ from: OWN, to: ESCROW, amount: 50n }]);
  const short = ended({ value: 60n, reserve: 3n });
  // 30 are left, and 3 in the reserve: the operator adds 7.
  const [own] = closedIn(short).pots;
  assert.deepEqual([own!.toReserve, own!.fromReserve, own!.deficit], [30n, 33n, 7n]);
  assert.deepEqual(short[0]!.transfers, [
    { from: OWN, to: ESCROW, amount: 30n },
    { from: OPERATOR, to: OWN, amount: 7n },
  ]);
});

test('the next round follows at once, with the next number, on the grid of the rounds', () => {
  const [, pool, opened] = ended({ now: END + 25 * SECOND });
  assert.deepEqual([pool!.id, opened!.kind, opened!.id], [11, roundOpened, 11]);
  assert.deepEqual([opened!.data.number, opened!.data.endsAt], [8, BigInt(END + 30 * SECOND)]);
  assert.deepEqual(
    opened!.tasks!.map(({ id, at }) => [id, at]),
    [[1, END + 30 * SECOND]],
  );
  assert.throws(() => ended({ next: false }), StaleVersionError);
});

test('a round without tickets goes on, unless it is the last: then the pots keep their money', () => {
  const [on, ...others] = ended({ tickets: 0, now: END + SECOND });
  assert.deepEqual([on!.kind, on!.data.endsAt, others], [roundProlonged, BigInt(END + 10 * SECOND), []]);
  const [last] = ended({ tickets: 0, recurring: false, next: false });
  const { pots: none, prizes } = closedIn([last!]);
  assert.deepEqual([none, prizes, last!.transfers], [[], [], []]);
});

test('the last round ends the instance, unless that has ended it; its pots keep what winners do not get', () => {
  const tasks = (of: Given): string[] => {
    const facts = ended({ next: false, ...of });
    assert.equal(facts.length, 1);
    assert.equal(closedIn(facts).pots[0]!.start, undefined);
    return facts[0]!.tasks!.map(({ task }) => task).filter((task) => task === END_INSTANCE);
  };
  assert.deepEqual(tasks({ recurring: false }), [END_INSTANCE]);
  assert.deepEqual(tasks({ endsAt: 100_000 }), [END_INSTANCE]);
  assert.deepEqual(tasks({ status: 'archived' }), []);
  assert.equal(ended({ endsAt: 100_001 }).length, 3);
});
