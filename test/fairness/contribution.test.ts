import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import {
  bindJackpotConfig,
  contribute,
  readJackpotConfig,
  readTerms,
  restart,
  termsText,
  winChances,
  type ContributionOutcome,
  type JackpotConfig,
  type PotBefore,
} from '../../src/fairness/index.ts';
import { ApiError } from '../../src/kernel/index.ts';
import { drawOf, jackpotOf, jackpots, potOf, pots, SELECTORS, UNIT } from './pots.ts';

interface State extends PotBefore {
  readonly surplus: bigint;
}

const opened = ({ pots: all }: JackpotConfig): State[] =>
  all.map(({ seed }) => ({ value: seed, reserve: 0n, drawnAt: seed, surplus: 0n }));

/** The pots after a contribution, what was paid, and what the operator added to new starts. */
function after({ pots: all }: JackpotConfig, before: readonly State[], { pots: outcomes }: ContributionOutcome) {
  let [paid, added] = [0n, 0n];
  const states = outcomes.map(({ after: value, reserve, drawnAt, wonBy }, i): State => {
    const held = before[i]!.reserve + reserve;
    if (wonBy === null) return { ...before[i]!, value, drawnAt, reserve: held };
    const { surplus } = before[i]!;
    const start = restart(all[i]!, { reserve: held, surplus });
    [paid, added] = [paid + value, added + start.deficit];
    return {
      value: start.value,
      drawnAt: start.value,
      reserve: held - start.fromReserve,
      surplus: surplus - start.fromSurplus,
    };
  });
  return { states, paid, added };
}

const heldIn = (states: readonly State[]): bigint =>
  states.reduce((sum, { value, reserve, surplus }) => sum + value + reserve + surplus, 0n);

test('no micro-unit is lost or created, u never falls in a cycle, and nothing passes its bound', () => {
  const amounts = fc.array(fc.bigInt({ min: 1n, max: 20n * UNIT }), { maxLength: 60 });
  let [wins, deferred] = [0, 0];
  fc.assert(
    fc.property(jackpots, amounts, (config, sequence) => {
      const bound = bindJackpotConfig(config);
      let states = opened(config);
      sequence.forEach((amount, nonce) => {
        const before = states;
        const outcome = contribute(config, before, amount, drawOf(bound, nonce));
        const shared = outcome.pots.reduce((sum, { value, reserve }) => sum + value + reserve, outcome.house);
        assert.equal(shared, amount, 'the shares are not the contribution');
        assert.ok(outcome.house >= 0n);
        const { states: next, paid, added } = after(config, before, outcome);
        assert.equal(heldIn(next) + outcome.house, heldIn(before) + amount - paid + added);
        outcome.pots.forEach(({ after: value, drawnAt, wonBy }, i) => {
          const { mustDropValue, maxValue } = config.pots[i]!.terms;
          assert.equal(value, before[i]!.value + outcome.pots[i]!.value);
          assert.ok(drawnAt >= before[i]!.drawnAt && drawnAt <= value, 'u falls, or is beyond the value');
          if (wonBy !== null) assert.ok(value > 0n, 'nothing is won');
          if (maxValue !== null) assert.ok(value <= maxValue);
          if (mustDropValue === null) return;
          assert.ok(value <= mustDropValue);
          assert.ok(value < mustDropValue || wonBy !== null, 'it is at its bound, and nobody has won it');
          if (drawnAt < value) deferred += 1;
        });
        const won = outcome.pots.filter(({ wonBy }) => wonBy !== null).length;
        assert.ok(config.selector === 'all' || won <= 1, 'more than one pot was won');
        wins += won;
        states = next;
      });
    }),
    { numRuns: 1000 },
  );
  assert.ok(wins > 1000 && deferred > 100, `${wins} wins, ${deferred} deferred: too few to tell`);
});

const bounded = potOf({ terms: { mustDropValue: 10n } });
const at = (value: bigint, drawnAt = value): PotBefore => ({ value, drawnAt, reserve: 0n });

test('a contribution that reaches the bound wins, and a micro-unit from the start has its own chance', () => {
  const bound = jackpotOf('all', [bounded]);
  for (let nonce = 0; nonce < 200; nonce++) {
    const [pot] = contribute(bound.jackpot, [at(4n)], 6n, drawOf(bound, nonce)).pots;
    assert.equal(pot!.wonBy, 'must_drop_value');
  }
  const wins = Array.from({ length: 10_000 }, (_, nonce) =>
    contribute(bound.jackpot, [at(0n)], 1n, drawOf(bound, nonce)),
  );
  const won = wins.filter(({ pots: [pot] }) => pot!.wonBy !== null).length;
  assert.ok(Math.abs(won - 1000) < 5 * Math.sqrt(900), `${won} of 10,000 at one in ten`);
  assert.ok(wins.every(({ pots: [pot] }) => pot!.drawnAt === 1n));
});

test('a pot without value is not hit, and a contribution that is too small draws nothing', () => {
  const certain = { cost: 1n, odds: 1 };
  const bound = jackpotOf('all', [
    potOf({ id: 'empty', fixed: true, terms: { hitRate: certain } }),
    potOf({ id: 'small', share: 1n, terms: { hitRate: certain, mustDropValue: 9n, minContribution: 11n } }),
  ]);
  const draw = drawOf(bound, 0);
  const outcome = contribute(bound.jackpot, [at(0n), at(5n, 3n)], 10n, draw);
  assert.deepEqual(
    outcome.pots.map(({ attempts, wonBy, drawnAt }) => [attempts, wonBy, drawnAt]),
    [
      [0, null, 0n],
      [0, null, 3n],
    ],
  );
  assert.equal(draw.wordsConsumed, 0);
});

test('a pot whose value stays where it was drawn draws nothing', () => {
  const bound = jackpotOf('all', [potOf({ share: 0n, terms: { mustDropValue: 10n } })]);
  const draw = drawOf(bound, 0);
  contribute(bound.jackpot, [at(9n)], 5n, draw);
  assert.equal(draw.wordsConsumed, 0);
});

const certainly = (id: string) => potOf({ id, share: 0n, terms: { hitRate: { cost: 1n, odds: 1 } } });
const order = { all: [0, 1, 2], first: [0], lowest: [1], highest: [2] } as const;
for (const selector of SELECTORS) {
  test(`of three pots that are certain to be hit "${selector}" draws until ${order[selector].length} are won`, () => {
    const bound = jackpotOf(selector, ['a', 'b', 'c'].map(certainly));
    const draw = drawOf(bound, 0);
    const outcome = contribute(bound.jackpot, [at(5n), at(1n), at(9n)], 1n, draw);
    const won = outcome.pots.flatMap(({ wonBy }, i) => (wonBy === null ? [] : [i]));
    assert.deepEqual(won, order[selector]);
    assert.equal(draw.wordsConsumed, order[selector].length, 'something was drawn that is not paid');
    const drawn = outcome.pots.filter(({ attempts }) => attempts > 0).length;
    assert.equal(drawn, order[selector].length);
  });
}

test('among pots of equal value the first in order is drawn first', () => {
  for (const selector of ['lowest', 'highest'] as const) {
    const bound = jackpotOf(selector, ['a', 'b', 'c'].map(certainly));
    const { pots: outcomes } = contribute(bound.jackpot, [at(5n), at(5n), at(5n)], 1n, drawOf(bound, 0));
    assert.deepEqual(
      outcomes.map(({ wonBy }) => wonBy !== null),
      [true, false, false],
    );
  }
});

for (const selector of ['first', 'lowest', 'highest'] as const) {
  test(`a pot that "${selector}" does not reach stops below its bound, and the next contribution wins it`, () => {
    const values = { first: 1n, lowest: 1n, highest: 99n };
    const half = UNIT / 2n;
    const bound = jackpotOf(selector, [certainly('hit'), { ...bounded, id: 'due', share: half }]);
    const { pots: outcomes } = contribute(bound.jackpot, [at(values[selector]), at(4n)], 100n, drawOf(bound, 0));
    const [hit, due] = outcomes;
    assert.equal(hit!.wonBy, 'hit_rate');
    assert.deepEqual([due!.after, due!.drawnAt, due!.wonBy], [9n, 4n, null]);
    assert.equal(due!.value + due!.reserve, 50n, 'what does not fit is not in the reserve');
    const alone = jackpotOf(selector, [potOf({ ...bounded, share: half })]);
    const next = contribute(alone.jackpot, [at(due!.after, due!.drawnAt)], 2n, drawOf(alone, 1));
    assert.equal(next.pots[0]!.wonBy, 'must_drop_value');
  });
}

test('an amount beyond 10,000 attempts is refused before anything is drawn', () => {
  const bound = (cost: bigint) => jackpotOf('all', [potOf({ terms: { hitRate: { cost, odds: 1_000_000_000 } } })]);
  // A fraction is an attempt, too.
  for (const [cost, amount] of [
    [1n, 10_001n],
    [2n, 20_001n],
  ] as const) {
    const draw = drawOf(bound(cost), 0);
    assert.throws(() => contribute(bound(cost).jackpot, [at(1n)], amount, draw), ApiError);
    assert.equal(draw.wordsConsumed, 0);
  }
  const [pot] = contribute(bound(1n).jackpot, [at(1n)], 10_000n, drawOf(bound(1n), 0)).pots;
  assert.equal(pot!.attempts, 10_000);
});

test('the smallest contribution draws, and so does one for the smallest wager; a smaller wager has no part', () => {
  const terms = { hitRate: { cost: 1n, odds: 1 }, minContribution: 5n, minBaseWager: 7n };
  const bound = jackpotOf('all', [potOf({ terms })]);
  const outcome = (amount: bigint, wager: bigint | null) =>
    contribute(bound.jackpot, [at(4n)], amount, drawOf(bound, 0), wager).pots[0]!;
  for (const wager of [7n, null]) assert.equal(outcome(5n, wager).wonBy, 'hit_rate');
  const { wonBy, barred, value, reserve, overflow } = outcome(5n, 6n);
  assert.deepEqual([wonBy, barred, value, reserve, overflow], [null, true, 0n, 5n, 0n]);
});

test('what an earlier contribution has brought without a draw is drawn by the next, though it brings nothing', () => {
  const bound = jackpotOf('all', [potOf({ share: 0n, terms: { mustDropValue: 10n } })]);
  const [pot] = contribute(bound.jackpot, [at(9n, 8n)], 5n, drawOf(bound, 0)).pots;
  assert.equal(pot!.drawnAt, 9n);
});

test('a pot that the contribution is too small for buys no attempts', () => {
  const terms = { hitRate: { cost: 1n, odds: 5 }, minContribution: 10_002n };
  const bound = jackpotOf('all', [potOf({ terms })]);
  assert.equal(contribute(bound.jackpot, [at(1n)], 10_001n, drawOf(bound, 0)).pots[0]!.attempts, 0);
});

test('stated chances are those of the draws, with the selector', () => {
  const all = [
    potOf({ id: 'a', share: UNIT / 4n, terms: { hitRate: { cost: 3n, odds: 4 }, mustDropValue: 40n } }),
    potOf({ id: 'b', share: UNIT / 4n, terms: { mustDropValue: 20n } }),
    potOf({ id: 'c', share: UNIT / 4n, terms: { hitRate: { cost: 4n, odds: 3 } } }),
  ];
  const before = [at(10n), at(4n, 2n), at(12n)];
  for (const selector of SELECTORS) {
    const bound = jackpotOf(selector, all);
    const wins = [0, 0, 0];
    const rounds = 40_000;
    for (let nonce = 0; nonce < rounds; nonce++)
      contribute(bound.jackpot, before, 8n, drawOf(bound, nonce)).pots.forEach(({ wonBy }, i) => {
        if (wonBy !== null) wins[i]! += 1;
      });
    winChances(bound.jackpot, before, 8n).forEach((p, i) => {
      const z = (wins[i]! - rounds * p) / Math.sqrt(rounds * p * (1 - p));
      assert.ok(Math.abs(z) < 5, `${selector}, pot ${i}: ${wins[i]} of ${rounds} at ${p}, z = ${z}`);
    });
  }
});

test('configs and terms are read as they were written, and other shapes are refused', () => {
  fc.assert(
    fc.property(jackpots, fc.option(pots), (config, next) => {
      const changed = config.pots.map((pot, i) => ({ ...pot, next: i === 0 ? (next?.terms ?? null) : null }));
      const bound = bindJackpotConfig({ ...config, pots: changed });
      assert.deepEqual(bindJackpotConfig(readJackpotConfig(bound.config)), bound);
      for (const { terms } of config.pots) assert.deepEqual(readTerms(termsText(terms)), terms);
    }),
  );
  const { config } = jackpotOf('all', [potOf({ terms: { hitRate: { cost: 1n, odds: 5 }, mustDropValue: 10n } })]);
  for (const [from, to] of [
    ['"win_selector":"all"', '"win_selector":"best"'],
    ['"cost":"0.000001"', '"cost":"0"'],
    ['"odds":5', '"odds":0'],
    ['"operator_share":"1"', '"operator_share":"1.1"'],
    ['"fraction":"1"', '"fraction":"2"'],
    ['"must_drop_value":"0.00001"', '"must_drop_value":1'],
    ['"fund_strategy":"collect_to_seed"', '"fund_strategy":"none"'],
  ] as const) {
    assert.ok(config.includes(from), from);
    assert.throws(() => readJackpotConfig(config.replace(from, to)), ApiError, to);
  }
});
