import { hash } from 'node:crypto';
import { HmacKey } from '../../src/fairness/hmac.ts';
import { bindPotEnd, drawEndTime, drawPoint, potEndDraw } from '../../src/fairness/pot-end.ts';
import type { Experiment } from './statistics.ts';

const serverSeed = new HmacKey(Buffer.alloc(32, 'statistics'));
/** The chain of another jackpot for each draw. */
const chainOf = (draw: number): string => hash('sha256', String(draw), 'hex');

/** Draws a pot among contributions that have brought these micro-units, in order, and counts who wins. */
const potEnd = (name: string, brought: readonly number[]): Experiment => ({
  name,
  run(draws) {
    const sums = brought.map((_, i) => brought.slice(0, i + 1).reduce((a, b) => a + b));
    const sum = sums.at(-1)!;
    const bound = bindPotEnd({ end: 'time', hidden: null, pot: 'grand', cycle: 1, sum: BigInt(sum) });
    const observed = brought.map(() => 0);
    for (let i = 0; i < draws; i++) {
      const point = Number(drawPoint(potEndDraw(serverSeed, chainOf(i), bound), bound));
      observed[sums.findIndex((after) => point < after)]! += 1;
    }
    return [{ observed, probabilities: brought.map((micros) => micros / sum) }];
  },
});

/** How pots end: each contribution wins with its part of the sum, wherever it stands. */
export const potEnds: readonly Experiment[] = [
  potEnd('pot end: contributions of 1 to 5,000 units', [1e6, 2e7, 3e9, 5e9, 4e8, 7e7, 1e9, 5e8]),
  // An insider who knows the moment of the end brings the least that there is, as the last one.
  potEnd('pot end: 5,000 fair ones, and 1 just before', [2000, 3000, 1]),
  {
    name: 'hidden end of an hour, in 12 parts',
    run(draws) {
      const observed = Array<number>(12).fill(0);
      for (let i = 0; i < draws; i++) {
        // Another hour for each draw: the seed is the same.
        const from = 1_767_225_600_000 + i * 3_600_000;
        observed[Math.floor((drawEndTime(serverSeed, { from, to: from + 3_599_999 }) - from) / 300_000)]! += 1;
      }
      return [{ observed, probabilities: observed.map(() => 1 / 12) }];
    },
  },
];
