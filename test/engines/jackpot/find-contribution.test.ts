import assert from 'node:assert/strict';
import { test } from 'vitest';
import { findContribution, type FedAt } from '../../../src/engines/jackpot/find-contribution.ts';
import { seeded } from '../../support/requests.ts';

/** The facts of a jackpot: contributions of an earlier cycle, the fact that began this one, its facts, and its end. */
interface Journal {
  readonly fed: readonly FedAt[];
  readonly from: number;
  readonly to: number;
}

/** @param random decides which facts are contributions, and what they bring; some bring nothing. */
function journalOf(random: () => number, facts: number): Journal {
  const from = 1 + Math.floor(random() * 5);
  const fed: FedAt[] = [];
  for (let sequence = 1; sequence < from; sequence++) fed.push({ sequence, sum: BigInt(sequence * 1000) });
  let sum = 0n;
  for (let sequence = from + 1; sequence <= from + facts; sequence++) {
    if (random() < 0.2) continue;
    sum += random() < 0.3 ? 0n : BigInt(1 + Math.floor(random() * 3));
    fed.push({ sequence, sum });
  }
  return { fed, from, to: from + facts + 1 };
}

const lookUp =
  ({ fed }: Journal, asked: { count: number }) =>
  async (sequence: number): Promise<FedAt | undefined> => {
    asked.count += 1;
    return fed.findLast((one) => one.sequence <= sequence);
  };

const describeJournal = ({ fed, from, to }: Journal): string =>
  `${from} to ${to}: ${fed.map(({ sequence, sum }) => `${sequence}=${sum}`).join(' ')}`;

test('bisection finds the same contribution as a walk through all of them, for every point', async () => {
  const random = seeded(7);
  let points = 0;
  for (let round = 0; round < 300; round++) {
    const journal = journalOf(random, Math.floor(random() * 30));
    const cycle = journal.fed.filter(({ sequence }) => sequence > journal.from);
    const sum = cycle.at(-1)?.sum ?? 0n;
    for (let point = 0n; point <= sum; point++) {
      points += 1;
      const found = await findContribution(point, journal.from, journal.to, lookUp(journal, { count: 0 }));
      assert.deepEqual(
        found,
        cycle.find((one) => one.sum > point),
        `point ${point} of ${describeJournal(journal)}`,
      );
    }
  }
  assert.ok(points > 3000);
});

test('a hundred thousand contributions take 18 look-ups at most', async () => {
  const fed = Array.from({ length: 100_000 }, (_, i) => ({ sequence: i + 2, sum: BigInt(i + 1) }));
  const journal = { fed, from: 1, to: 100_002 };
  for (const point of [0n, 1n, 49_999n, 99_998n, 99_999n]) {
    const asked = { count: 0 };
    const upTo = async (sequence: number): Promise<FedAt | undefined> => {
      asked.count += 1;
      return fed[Math.min(sequence - 2, fed.length - 1)];
    };
    assert.equal((await findContribution(point, journal.from, journal.to, upTo))?.sum, point + 1n);
    assert.ok(asked.count <= 18, `${asked.count} look-ups`);
  }
});
