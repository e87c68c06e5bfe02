import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import {
  restart,
  select,
  operatorPart,
  partsOf,
  shareOf,
  startOf,
  type MustDrop,
  type PotRules,
  type WinSelector,
} from '../../../src/engines/jackpot/rules.ts';

const UNIT = 1_000_000n;
const amounts = fc.bigInt({ min: 1n, max: 1000n * UNIT });

/** Rules that the contract allows: caps above the seed, shares up to one. */
const rules: fc.Arbitrary<PotRules> = fc
  .record({
    share: fc.bigInt({ min: 1n, max: UNIT }),
    fixedShare: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 300n * UNIT })),
    seedShare: fc.bigInt({ min: 0n, max: UNIT }),
    seed: fc.bigInt({ min: 0n, max: 100n * UNIT }),
    collect: fc.constantFrom('to_seed', 'always'),
    reseed: fc.constantFrom('full', 'minimum'),
    fixed: fc.boolean(),
    room: fc.option(fc.bigInt({ min: 1n, max: 500n * UNIT })),
    hidden: fc.constantFrom(null, 'value', 'time'),
  })
  .map(({ room, hidden, fixed, ...rest }): PotRules => ({
    ...rest,
    fixed: fixed && hidden !== 'value',
    maxValue: room === null ? null : rest.seed + room,
    mustDrop: dropOf(hidden, rest.seed + (room ?? 50n * UNIT)),
  }));

function dropOf(hidden: string | null, at: bigint): MustDrop | null {
  if (hidden === null) return null;
  return hidden === 'value' ? { kind: 'value', at } : { kind: 'time', seconds: 60 };
}

interface Pot {
  rules: PotRules;
  value: bigint;
  reserve: bigint;
  surplus: bigint;
  triggerTo: bigint;
}

function open(potRules: PotRules, surplus: bigint): Pot {
  const { triggerTo } = startOf(potRules.mustDrop, potRules.seed, 0);
  return { rules: potRules, value: potRules.seed, reserve: 0n, surplus, triggerTo };
}

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: amounts.map((amount) => ({ amount })) },
    { weight: 1, arbitrary: fc.nat({ max: 2 }).map((win) => ({ win })) },
  ),
  { maxLength: 100 },
);

test('no micro-unit is lost or created by any sequence of contributions and wins', () => {
  fc.assert(
    fc.property(
      fc.array(rules, { minLength: 1, maxLength: 3 }),
      fc.bigInt({ min: 0n, max: 10n * UNIT }),
      steps,
      (all, surplus, sequence) => {
        const pots = all.map((one) =>
          open({ ...one, share: one.fixedShare > 0n ? 0n : one.share / BigInt(all.length) }, surplus),
        );
        let paidIn = pots.reduce((sum, pot) => sum + pot.value + pot.surplus, 0n);
        let paidOut = 0n;
        let house = 0n;
        for (const step of sequence) {
          if ('amount' in step) {
            paidIn += step.amount;
            house += step.amount;
            const parts = partsOf(
              step.amount,
              pots.map((pot) => pot.rules),
            );
            pots.forEach((pot, i) => {
              house -= contribute(pot, parts[i]!);
            });
          } else {
            const pot = pots[step.win % pots.length]!;
            paidOut += pot.value;
            paidIn += win(pot);
          }
          const held = pots.reduce((sum, pot) => sum + pot.value + pot.reserve + pot.surplus, house);
          assert.equal(held, paidIn - paidOut);
          assert.ok(house >= 0n);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('fixed shares are taken first, in the order of the pots, and fractions of what they leave', () => {
  const [half, fixed] = [
    { share: UNIT / 2n, fixedShare: 0n },
    { share: 0n, fixedShare: 3n },
  ];
  assert.deepEqual(partsOf(10n, [half, fixed, fixed]), [2n, 3n, 3n]);
  assert.deepEqual(partsOf(4n, [half, fixed, fixed]), [0n, 3n, 1n]);
  assert.deepEqual(partsOf(1n, [half, fixed, fixed]), [0n, 1n, 0n]);
});

test("what the operator pays is rounded down, and with the player's part it is the contribution", () => {
  fc.assert(
    fc.property(amounts, fc.bigInt({ min: 0n, max: UNIT }), (amount, share) => {
      const part = operatorPart(amount, share);
      assert.ok(part >= 0n && part <= amount);
      assert.ok(part * UNIT <= amount * share && (part + 1n) * UNIT > amount * share);
    }),
  );
});

/** Returns what the pot took of the contribution. */
function contribute(pot: Pot, amount: bigint): bigint {
  const share = shareOf(amount, pot.rules, pot);
  assert.ok(share.value >= 0n && share.reserve >= share.overflow && share.overflow >= 0n);
  if (pot.rules.fixed) assert.equal(share.value, 0n);
  if (pot.rules.collect === 'to_seed' && pot.reserve >= pot.rules.seed && !pot.rules.fixed)
    assert.equal(share.reserve, share.overflow);
  pot.value += share.value;
  pot.reserve += share.reserve;
  assertBounds(pot);
  return share.value + share.reserve;
}

/** Returns what the operator pays. */
function win(pot: Pot): bigint {
  const start = restart(pot.rules, pot);
  assert.equal(start.value, start.fromReserve + start.fromSurplus + start.deficit);
  assert.ok(start.fromReserve >= 0n && start.fromSurplus >= 0n && start.deficit >= 0n);
  assert.ok(start.value >= pot.rules.seed, 'it starts below its seed');
  if (start.deficit > 0n) assert.equal(start.fromSurplus, pot.surplus, 'the operator pays while there is surplus');
  if (pot.rules.reseed === 'minimum') assert.ok(start.value <= pot.rules.seed);
  pot.reserve -= start.fromReserve;
  pot.surplus -= start.fromSurplus;
  pot.value = start.value;
  pot.triggerTo = startOf(pot.rules.mustDrop, start.value, 0).triggerTo;
  assertBounds(pot);
  return start.deficit;
}

function assertBounds({ rules: { maxValue, mustDrop }, value, reserve, surplus }: Pot): void {
  assert.ok(reserve >= 0n && surplus >= 0n && value >= 0n);
  if (maxValue !== null) assert.ok(value <= maxValue, 'it passes its cap');
  if (mustDrop?.kind === 'value') assert.ok(value <= mustDrop.at, 'it passes the value by which it drops');
}

test('of several pots that are won the selector chooses, in order among equals', () => {
  const pots = [
    { id: 'a', value: 5n },
    { id: 'b', value: 9n },
    { id: 'c', value: 1n },
    { id: 'd', value: 9n },
    { id: 'e', value: 1n },
  ];
  const chosen = (selector: WinSelector): string =>
    select(selector, pots)
      .map(({ id }) => id)
      .join('');
  assert.deepEqual((['all', 'first', 'highest', 'lowest'] as const).map(chosen), ['abcde', 'a', 'b', 'c']);
  assert.deepEqual(select('highest', []), []);
});

test('a cycle of time ends when its seconds are over, one of value has no end', () => {
  assert.deepEqual(startOf({ kind: 'time', seconds: 60 }, 5n, 1_500_999), {
    value: 5n,
    triggerFrom: 1500n,
    triggerTo: 61_500n,
    dueAt: 61_500_000,
  });
  assert.deepEqual(startOf({ kind: 'value', at: 9n }, 5n, 1_500_999), {
    value: 5n,
    triggerFrom: 5n,
    triggerTo: 9n,
    dueAt: 0,
  });
  assert.deepEqual(startOf(null, 5n, 1_500_999), { value: 5n, triggerFrom: 0n, triggerTo: 0n, dueAt: 0 });
});
