import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { prizesOf } from '../../../src/engines/jackpot/raffle/prizes.ts';
import { roundEnd } from '../../../src/engines/jackpot/raffle/round.ts';

const ONE = 1_000_000n;
const SECOND = 1_000_000;

/** Winners whose percentages make up at most 1. */
const winners = fc
  .array(fc.record({ count: fc.integer({ min: 1, max: 50 }), percentage: fc.bigInt(1n, ONE) }), {
    minLength: 1,
    maxLength: 5,
  })
  .filter((all) => all.reduce((sum, { percentage }) => sum + percentage, 0n) <= ONE);

test('prizes are what is taken, no more than the pots and the winners have, and equal among equals', () => {
  fc.assert(
    fc.property(
      winners,
      fc.array(fc.bigInt(0n, 10n ** 15n), { minLength: 1, maxLength: 4 }),
      fc.nat(120),
      (of, values, tickets) => {
        const { taken, prizes } = prizesOf(of, values, tickets);
        const places = of.reduce((sum, { count }) => sum + count, 0);
        assert.equal(
          prizes.reduce((sum, one) => sum + one.winners, 0),
          Math.min(places, tickets),
        );
        assert.equal(
          prizes.reduce((sum, one) => sum + one.amount * BigInt(one.winners), 0n),
          taken.reduce((sum, one) => sum + one, 0n),
        );
        taken.forEach((one, i) => assert.ok(one <= values[i]!));
        prizes.forEach(({ amount }, i) => {
          const whole = ONE * BigInt(of[i]!.count);
          const exact = values.reduce((sum, value) => sum + (value * of[i]!.percentage) / whole, 0n);
          assert.equal(amount, exact);
        });
      },
    ),
  );
});

test('rounds end on one grid, after now and not after their instance', () => {
  const times = fc.record({
    length: fc.integer({ min: 1, max: 100_000 }),
    before: fc.integer({ min: 0, max: 10 ** 9 }),
    late: fc.integer({ min: 0, max: 10 ** 9 }),
    last: fc.integer({ min: 0, max: 10 ** 9 }),
  });
  fc.assert(
    fc.property(times, ({ length, before, late, last }) => {
      const now = before + late;
      const ends = last === 0 ? 0 : Math.ceil(now / 1000) + last;
      const raffle = { seconds: BigInt(length) } as never;
      const end = roundEnd({ raffle, endsAt: BigInt(ends) }, before, now);
      assert.ok(end > now);
      assert.ok(ends === 0 || end <= ends * 1000);
      if (ends !== 0 && end === ends * 1000) return;
      assert.equal((end - before) % (length * SECOND), 0);
      assert.ok(end - now <= length * SECOND);
    }),
  );
  const raffle = { seconds: 60n } as never;
  const ends = [5, 6, 5 + 60 * SECOND].map((now) => roundEnd({ raffle, endsAt: 0n }, 5, now));
  assert.deepEqual(ends, [5 + 60 * SECOND, 5 + 60 * SECOND, 5 + 120 * SECOND]);
  const unending = { raffle: { seconds: 0n } as never, endsAt: 0n };
  assert.equal(roundEnd(unending, 5, 5), 0);
});
