import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { seasonTimes } from '../../../src/engines/tournament/opening.ts';
import {
  bucketOf,
  dividePool,
  OCTAVES,
  pointsAfter,
  pointsOf,
  POINTS_MAX,
  prizeOf,
} from '../../../src/engines/tournament/rules.ts';

const anyPoints = fc.oneof(
  fc.bigInt({ min: 0n, max: 2000n }),
  fc.bigInt({ min: 0n, max: POINTS_MAX }),
  fc.tuple(fc.integer({ min: 0, max: 61 }), fc.bigInt({ min: -2n, max: 2n })).map(([bit, by]) => {
    const near = (1n << BigInt(bit)) + by;
    return near < 0n ? 0n : near;
  }),
);

describe('buckets', () => {
  test('more points never have a lower one, and every octave has a row', () => {
    fc.assert(
      fc.property(anyPoints, anyPoints, (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        assert.ok(bucketOf(less) <= bucketOf(more), `${less} ${more}`);
        assert.ok(bucketOf(more) < OCTAVES * 256);
      }),
      { numRuns: 20_000 },
    );
  });

  test('span a 256th of their octave', () => {
    assert.deepEqual([0n, 255n, 256n, 511n, 512n, 514n, 1024n].map(bucketOf), [0, 255, 256, 511, 512, 513, 768]);
    fc.assert(
      fc.property(fc.bigInt({ min: 512n, max: POINTS_MAX }), (points) => {
        const width = 1n << BigInt(points.toString(2).length - 9);
        const first = points - (points % width);
        assert.deepEqual([first, first + width - 1n].map(bucketOf), [bucketOf(points), bucketOf(points)]);
        assert.notEqual(bucketOf(first + width), bucketOf(points));
      }),
    );
  });
});

describe('prizes', () => {
  const ranges = fc
    .array(fc.record({ ranks: fc.bigInt({ min: 1n, max: 40n }), share: fc.bigInt({ min: 1n, max: 300_000n }) }), {
      minLength: 1,
      maxLength: 3,
    })
    .filter((all) => all.reduce((sum, { share }) => sum + share, 0n) <= 1_000_000n);
  const pool = fc.bigInt({ min: 0n, max: 10n ** 15n });

  test('are the shares of the pool to the micro-unit, whatever ties there are', () => {
    const structure = fc.tuple(
      ranges,
      pool,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 200 }),
    );
    fc.assert(
      fc.property(structure, ([all, amount, ties]) => {
        const prizes = dividePool(all, amount);
        const total = (amount * all.reduce((sum, { share }) => sum + share, 0n)) / 1_000_000n;
        assert.equal(prizes.first(prizes.places), total);
        assert.equal(prizes.first(prizes.places + 7), total);
        let sum = 0n;
        for (let place = 1; place <= prizes.places; place++) sum += prizeOf(prizes, place);
        assert.equal(sum, total);
        // Shared: groups of tied entries until all places are taken.
        let [from, shared] = [1, 0n];
        for (let i = 0; from <= prizes.places; i++) {
          const count = ties[i % ties.length]!;
          const each = Array.from({ length: count }, (_, n) => prizeOf(prizes, from + n, { from, count }));
          assert.ok(each[0]! - each.at(-1)! <= 1n);
          shared += each.reduce((a, b) => a + b, 0n);
          from += count;
        }
        assert.equal(shared, total);
      }),
    );
  });

  test('give the remainder to rank 1', () => {
    const prizes = dividePool([{ ranks: 3n, share: 1_000_000n }], 100n);
    assert.deepEqual(
      [1, 2, 3, 4].map((place) => prizeOf(prizes, place)),
      [34n, 33n, 33n, 0n],
    );
    const three = dividePool(
      [500_000n, 300_000n, 200_000n].map((share) => ({ ranks: 1n, share })),
      7n,
    );
    assert.deepEqual(
      [1, 2, 3].map((place) => prizeOf(three, place)),
      [4n, 2n, 1n],
    );
  });
});

test('points follow the score rule', () => {
  assert.deepEqual(
    (['sum', 'best', 'latest'] as const).map((rule) => [pointsAfter(rule, 5n, 3n), pointsAfter(rule, 3n, 5n)]),
    [
      [8n, 8n],
      [5n, 5n],
      [3n, 5n],
    ],
  );
  assert.equal(pointsOf(50_000_000n, 10_000_000n), 500_000_000n);
  assert.equal(pointsOf(1n, 999_999n), 0n);
});

describe('seasons of a schedule', () => {
  const micros = (text: string): number => Date.parse(`${text}Z`) * 1000;
  const text = (at: number): string => new Date(at / 1000).toISOString().slice(0, 16);
  const times = (cron: string, zone: string, hours: number, dueAt: string, now: string): readonly string[] => {
    const schedule = { cron, zone, durationSeconds: BigInt(hours * 3600) };
    const { startAt, endAt, nextAt } = seasonTimes(schedule, micros(dueAt), micros(now));
    return [startAt, endAt, nextAt].map(text);
  };

  // What, zone, the pattern, the length in hours, when it is due; then start, end, next.
  const SEASONS = [
    ['Malta, a day of 23 hours', 'Europe/Malta', '0 0 * * *', 0, '2026-03-28T23:00', '2026-03-29T22:00'],
    ['Malta, a day of 25 hours', 'Europe/Malta', '0 0 * * *', 0, '2026-10-24T22:00', '2026-10-25T23:00'],
    ['New York, a day of 23 hours', 'America/New_York', '0 0 * * *', 0, '2026-03-08T05:00', '2026-03-09T04:00'],
    ['New York, a day of 25 hours', 'America/New_York', '0 0 * * *', 0, '2026-11-01T04:00', '2026-11-02T05:00'],
    ['Kathmandu, always 24 hours', 'Asia/Kathmandu', '0 0 * * *', 0, '2026-03-28T18:15', '2026-03-29T18:15'],
    ['Chatham, a day of 25 hours', 'Pacific/Chatham', '0 0 * * *', 0, '2026-04-04T10:15', '2026-04-05T11:15'],
    ['Chatham, a day of 23 hours', 'Pacific/Chatham', '0 0 * * *', 0, '2026-09-26T11:15', '2026-09-27T10:15'],
  ] as const;
  for (const [what, zone, cron, hours, due, end] of SEASONS) {
    test(`follow each other over the changes of clocks: ${what}`, () => {
      assert.deepEqual(times(cron, zone, hours, due, due), [due, end, end]);
    });
  }

  test('have the length that is given, and a pause until the next one', () => {
    const expected = ['2026-10-24T22:00', '2026-10-25T00:00', '2026-10-25T23:00'];
    assert.deepEqual(times('0 0 * * *', 'Europe/Malta', 2, '2026-10-24T22:00', '2026-10-24T22:00'), expected);
  });

  test('end when the next one begins, if they would take longer', () => {
    const expected = ['2026-01-01T00:00', '2026-01-01T01:00', '2026-01-01T01:00'];
    assert.deepEqual(times('0 * * * *', 'UTC', 3, '2026-01-01T00:00', '2026-01-01T00:00'), expected);
  });

  test('that are due late begin at their time; those that are over are left out', () => {
    const late = ['2026-01-01T00:00', '2026-01-01T12:00', '2026-01-02T00:00'];
    assert.deepEqual(times('0 0 * * *', 'UTC', 12, '2026-01-01T00:00', '2026-01-01T11:59'), late);
    assert.deepEqual(times('0 0 * * *', 'UTC', 12, '2026-01-01T00:00', '2026-01-01T12:00'), [
      '2026-01-02T00:00',
      '2026-01-02T12:00',
      '2026-01-03T00:00',
    ]);
    const skipped = ['2026-01-05T00:00', '2026-01-05T12:00', '2026-01-06T00:00'];
    assert.deepEqual(times('0 0 * * *', 'UTC', 12, '2026-01-01T00:00', '2026-01-05T03:00'), skipped);
    assert.deepEqual(times('0 0 * * *', 'UTC', 12, '2026-01-01T00:00', '2026-01-04T13:00'), skipped);
  });

  test('that others have followed are left out, also without a length, and with one that is longer', () => {
    const today = ['2026-01-11T00:00', '2026-01-12T00:00', '2026-01-12T00:00'];
    for (const hours of [0, 24, 24 * 366])
      for (const now of ['2026-01-11T00:00', '2026-01-11T09:30', '2026-01-11T23:59'])
        assert.deepEqual(times('0 0 * * *', 'UTC', hours, '2026-01-01T00:00', now), today, `${hours} h at ${now}`);
    const [minute, next] = ['2026-01-11T09:30', '2026-01-11T09:31'];
    assert.deepEqual(times('* * * * *', 'UTC', 0, '2020-01-01T00:00', minute), [minute, next, next]);
  });
});
