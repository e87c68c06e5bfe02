import { startOf } from '../../src/engines/jackpot/rules.ts';
import { contribute, drawEndTime, restart } from '../../src/fairness/index.ts';
import { instanceOf, KEY, opened, Returns, settled, type Simulation } from './returns.ts';
import { fixed, percentage, restarting } from './template-parts.ts';

const SPACING_MS = 1000;
const PERIOD = 40;

/**
 * A contribution comes each second, and a cycle ends within 40 of them, at a millisecond U of 0 to L = 40,000: the k-th
 * is in it if U > 1000 k, so P(T ≥ k) = (L − 1000 k) / (L + 1). If there is none, nothing is paid, and the pot goes on:
 * E[P] = r P(T ≥ 1) + v E[T], E[T] = Σ_k P(T ≥ k).
 */
export const hiddenEnds: Simulation = {
  name: 'hidden ends of cycles',
  async run(contributions, wrong = 1) {
    const instance = await instanceOf({
      contribution: fixed(1),
      houseHoldContribution: percentage(0.6),
      pots: [
        {
          id: 'hourly',
          contribution: percentage(0.4),
          potTypes: [
            {
              type: {
                $case: 'mustDropByTime',
                value: { hidden: true, period: { unit: { $case: 'seconds', value: PERIOD } } },
              },
            },
          ],
          seedStrategy: restarting(5),
        },
      ],
    });
    const pot = instance.pots[0]!;
    const returns = new Returns(pot.code);
    const within = (k: number): number => (PERIOD * 1000 - SPACING_MS * k) / (PERIOD * 1000 + 1);
    const length = Array.from({ length: PERIOD - 1 }, (_, k) => within(k + 1)).reduce((a, b) => a + b);
    const expected = (5 * within(1) + 0.4 * length) / length;
    let states = opened(instance);
    for (let [cycle, made] = [1, 0]; made < contributions; cycle++) {
      // Another hour for each cycle: the seed is the same.
      const start = startOf(pot, states[0]!.value, 0, 1, cycle * 3_600_000_000);
      const from = Number(start.hiddenFrom);
      const end = drawEndTime(KEY, { from, to: Number(start.dueAt / 1000n) });
      const before = made;
      for (let at = from + SPACING_MS; at < end; at += SPACING_MS) {
        const outcome = contribute(instance.bound.jackpot, states, 1_000_000n, null);
        ({ states } = settled(instance, states, 1_000_000n, outcome));
        made += 1;
      }
      const paid = made === before ? 0n : states[0]!.value;
      if (paid > 0n) {
        const next = restart(pot.config, states[0]!);
        states = [{ ...states[0]!, value: next.value, reserve: states[0]!.reserve - next.fromReserve }];
      }
      const amount = (made - before) * 1e6;
      returns.add(amount, Number(paid), expected * amount * wrong);
      if (cycle % Math.ceil(contributions / 20 / 100) === 0) returns.part();
    }
    returns.part();
    return [returns];
  },
};
