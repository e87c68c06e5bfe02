import { contribute, Draw, HmacKey, restart, type PotBefore, type WinSelector } from '../../src/fairness/index.ts';
import type { Group } from './chi-square.ts';
import { others } from './others.ts';
import { jackpotOf, potOf, SELECTORS, UNIT } from './pots.ts';
import type { Experiment } from './statistics.ts';

const KEY = new HmacKey(Buffer.alloc(32, 'statistics'));
const BINS = 50;
const ZEROS = '0'.repeat(64);

/** 2.4 attempts at 1 in 40, and 0.8 at 1 in 25. */
const CHANCES = [1 - (39 / 40) ** 2 * (1 - 0.4 / 40), 0.8 / 25];
/** What attempts are bought with; half of it goes to the pot with a bound. */
const AMOUNT = 2_400_000n;

const pots = [
  potOf({ id: 'mini', share: UNIT / 10n, seed: 9n * UNIT, terms: { hitRate: { cost: UNIT, odds: 40 } } }),
  potOf({
    id: 'brim',
    share: UNIT / 2n,
    seedShare: UNIT / 100n,
    seed: 4n * UNIT,
    terms: { mustDropValue: 17_000_003n },
  }),
  potOf({ id: 'major', share: UNIT / 5n, seed: UNIT, terms: { hitRate: { cost: 3n * UNIT, odds: 25 } } }),
];

interface State extends PotBefore {
  readonly surplus: bigint;
}

/**
 * Plays one jackpot until so many cycles of the pot with a bound are over. Tells how often the others are hit when
 * their turn comes, and where between start and bound that pot is won: at a point drawn from those that the winning
 * contribution has passed, every micro-unit of the cycle is as likely as any other, whatever the selector.
 */
function cyclesWith(selector: WinSelector): Experiment {
  return {
    name: `jackpot cycles, "${selector}"`,
    run(cycles) {
      const bound = jackpotOf(selector, pots);
      const random = others();
      const hits = [
        [0, 0],
        [0, 0],
      ];
      const wonAt = Array<number>(BINS).fill(0);
      let states: State[] = pots.map(({ seed }) => ({ value: seed, reserve: 0n, surplus: 0n, drawnAt: seed }));
      let [start, over] = [states[1]!.value, 0];
      for (let nonce = 0; over < cycles; nonce++) {
        const configHash = `${bound.configHash}:${ZEROS}`;
        const draw = new Draw({ serverSeed: KEY, clientSeed: `own\n${nonce}`, nonce, sub: 0, configHash });
        const before = states;
        const outcome = contribute(bound.jackpot, before, AMOUNT, draw);
        let [paid, added] = [0n, 0n];
        states = outcome.pots.map(({ after, drawnAt, reserve, wonBy }, i): State => {
          const held = before[i]!.reserve + reserve;
          if (wonBy === null) return { ...before[i]!, value: after, drawnAt, reserve: held };
          const next = restart(pots[i]!, { reserve: held, surplus: 0n });
          [paid, added] = [paid + after, added + next.deficit];
          return { value: next.value, drawnAt: next.value, reserve: held - next.fromReserve, surplus: 0n };
        });
        if (heldIn(states) + outcome.house !== heldIn(before) + AMOUNT - paid + added) throw new Error('money is lost');
        const [mini, brim, major] = outcome.pots;
        for (const [i, pot] of [mini!, major!].entries())
          if (pot.attempts > 0) hits[i]![pot.wonBy === null ? 0 : 1]! += 1;
        if (brim!.wonBy === null) continue;
        const { drawnAt: u } = before[1]!;
        const point = Number(u - start) + random.next().value! * Number(brim!.after - u);
        wonAt[Math.floor((point / Number(17_000_003n - start)) * BINS)]! += 1;
        start = states[1]!.value;
        over += 1;
      }
      const even = { observed: wonAt, probabilities: wonAt.map(() => 1 / BINS) };
      return [even, ...CHANCES.map((p, i): Group => ({ observed: hits[i]!, probabilities: [1 - p, p] }))];
    },
  };
}

const heldIn = (states: readonly State[]): bigint =>
  states.reduce((sum, { value, reserve, surplus }) => sum + value + reserve + surplus, 0n);

/** Cycles of jackpots with each selector. */
export const jackpotCycles: readonly Experiment[] = SELECTORS.map(cyclesWith);
