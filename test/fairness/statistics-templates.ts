/**
 * What templates of pots pay in the long run, and their theory. Of a template the engine makes an instance, and
 * contributions are divided and drawn by its rules; theory is a formula of the template's numbers.
 *
 * Of one pot: A is the amount of a contribution, s the pot's share of it, f the part of that share that goes to the
 * reserve; v = s(1 − f)A is what a contribution adds to the value, w = sfA what it adds to the reserve; r is the value
 * after a win at least (min_reseed_value), q the chance that a contribution wins the pot. A cycle is of T
 * contributions, the winning one among them, and pays P. By the renewal-reward theorem the pot returns E[P] / (A E[T])
 * of what is contributed: that part of A is what theory expects of each contribution.
 *
 * If q is the same for each contribution, T is geometric: P(T > t) = (1 − q)^t, and
 *
 *     E[T] = 1/q
 *     E[min(T, m)] = Σ_{t<m} P(T > t) = (1 − (1 − q)^m) / q
 *     E[(T − m)⁺] = E[T] − E[min(T, m)] = (1 − q)^m / q
 */
import { played, type Simulation } from './returns.ts';
import { hiddenEnds } from './statistics-hidden-ends.ts';
import { fixed, hitRate, percentage, restarting } from './template-parts.ts';

/** The chance of an amount to hit: 1 − (1 − 1/N)^⌊k⌋ (1 − {k}/N) with k = amount / cost attempts. */
function hits(amount: number, cost: number, odds: number): number {
  const k = amount / cost + 1e-9;
  const whole = Math.floor(k);
  return 1 - (1 - 1 / odds) ** whole * (1 - Math.max(0, k - whole - 1e-9) / odds);
}

/** The chance of each pot if they are drawn in an order until one is won: p_i Π_{j before i} (1 − p_j). */
function inOrder(chances: readonly number[], order: readonly number[]): number[] {
  let reached = 1;
  const own = chances.map(() => 0);
  for (const i of order) {
    own[i] = reached * chances[i]!;
    reached *= 1 - chances[i]!;
  }
  return own;
}

/** Three pots that keep their values, in units, and buy 3, 1.5 and 1 attempts. */
const KEPT = [0.5, 0.2, 0.9];
const CHANCES = [hits(0.3, 0.1, 8), hits(0.3, 0.2, 5), hits(0.3, 0.3, 6)];
const COSTS = [hitRate(0.1, 8), hitRate(0.2, 5), hitRate(0.3, 6)];
const IDS = ['minor', 'major', 'mega'];

/**
 * Pots that are not progressive pay r whenever they are won, and restart with it: each contribution is worth own_i r_i.
 * @param order in which their values are.
 */
const kept = (selector: string, order: readonly number[]): Simulation =>
  played(`fixed values, "${selector}"`, {
    template: {
      winSelectorStrategy: selector,
      contribution: fixed(0.3),
      houseHoldContribution: percentage(0.1),
      pots: KEPT.map((value, i) => ({
        id: IDS[i]!,
        contribution: percentage(0.3),
        isProgressive: false,
        potTypes: [COSTS[i]!],
        seedStrategy: restarting(value, { reseedStrategy: 'MinReseed' }),
      })),
    },
    theory: () => inOrder(CHANCES, order).map((own, i) => own * KEPT[i]! * 1e6),
  });

/**
 * Pots that rise overtake each other. Given their values, a contribution first adds v to each; then they are drawn in
 * the order of their values: it is worth own_i (value_i + v) of each, and what is paid beyond that has mean 0, whatever
 * was before (a martingale).
 */
const rising = (selector: 'Lowest' | 'Highest'): Simulation =>
  played(`rising values, "${selector}"`, {
    template: {
      winSelectorStrategy: selector,
      contribution: fixed(0.3),
      houseHoldContribution: percentage(0.1),
      pots: IDS.map((id, i) => ({
        id,
        contribution: percentage(0.3),
        seedContribution: percentage(0.25),
        potTypes: [COSTS[i]!],
        seedStrategy: restarting(0.5, { fundStrategy: 'CollectAlways' }),
      })),
    },
    theory(states, amount) {
      const after = states.map(({ value }) => Number(value) + 0.3 * 0.75 * amount);
      const sign = selector === 'Lowest' ? 1 : -1;
      const order = [0, 1, 2].sort((a, b) => sign * (after[a]! - after[b]!) || a - b);
      return inOrder(CHANCES, order).map((own, i) => own * after[i]!);
    },
  });

/**
 * "None" draws the pots in their order whatever they hold: a pot is won with q = own_i by each contribution.
 *
 * `always` collects always, and moves its whole reserve: after T contributions it restarts with max(r, wT), which is
 * paid with the next win. So E[P] = E[max(r, wT)] + v/q, where with m = ⌈r/w⌉, given T ≥ m, T is m − 1 and another
 * geometric one: E[max(r, wT)] = r + (1 − q)^(m−1) (w (m − 1 + 1/q) − r).
 *
 * `collects` stops at m = r/w contributions, from when its whole share is added to the value. It moves only r, which is
 * all that its reserve holds then: E[P] = r + v/q + w E[(T − m)⁺].
 *
 * `capped` has no reserve but what its cap M leaves, and moves only r of it: E[P] = r + v E[min(T, m)], m = (M − r)/v.
 */
const reserves = played('reserves and a cap, "None"', {
  template: {
    winSelectorStrategy: 'None',
    contribution: fixed(1),
    houseHoldContribution: percentage(0.2),
    pots: [
      {
        id: 'always',
        contribution: percentage(0.3),
        seedContribution: percentage(0.5),
        potTypes: [hitRate(1, 20)],
        seedStrategy: restarting(3, { fundStrategy: 'CollectAlways', reseedStrategy: 'Full' }),
      },
      {
        id: 'collects',
        contribution: percentage(0.3),
        seedContribution: percentage(0.4),
        potTypes: [hitRate(1, 30)],
        seedStrategy: restarting(2.4, { fundStrategy: 'CollectToMinReseed', reseedStrategy: 'MinReseed' }),
      },
      {
        id: 'capped',
        contribution: percentage(0.2),
        maxPotValue: 6,
        potTypes: [hitRate(1, 25)],
        seedStrategy: restarting(2, { reseedStrategy: 'MinReseed' }),
      },
    ],
  },
  theory(_, amount) {
    const [always, collects, capped] = inOrder([1 / 20, 1 / 30, 1 / 25], [0, 1, 2]) as [number, number, number];
    const beyond = (r: number, w: number, q: number): number => {
      const m = Math.ceil(r / w);
      return (1 - q) ** (m - 1) * (w * (m - 1 + 1 / q) - r);
    };
    return [
      always * (3 + beyond(3, 0.15, always) + 0.15 / always),
      collects * (2.4 + 0.18 / collects + (0.12 * (1 - collects) ** 20) / collects),
      capped * (2 + (0.2 * (1 - (1 - capped) ** 20)) / capped),
    ].map((paid) => paid * amount);
  },
});

/**
 * A pot that rises from r to its bound B in n = (B − r)/v contributions drops at any of them with the same chance, if
 * it is not hit before: P(T > t) = (1 − q)^t (1 − t/n), E[T] = Σ_{t<n} P(T > t), E[P] = r + v E[T].
 */
const bounded = played('a value to drop at, and hits', {
  template: {
    contribution: fixed(1),
    houseHoldContribution: percentage(0.5),
    pots: [
      {
        id: 'brim',
        contribution: percentage(0.5),
        potTypes: [{ type: { $case: 'mustDropByValue', value: { maxValue: 14 } } }, hitRate(2, 20)],
        seedStrategy: restarting(4),
      },
    ],
  },
  theory(_, amount) {
    let length = 0;
    for (let t = 0; t < 20; t++) length += (1 - 1 / 40) ** t * (1 - t / 20);
    return [((4 + 0.5 * length) / length) * amount];
  },
});

/**
 * A contribution below the pot's least brings its share to the reserve, and draws nothing. Half of them are of 0.4, the
 * others of 1: only these, on average 1/q of them, make up a cycle. E[P] = r + v/q, each of them pays q E[P], and the
 * average contribution is of 0.7.
 */
const least = played('contributions below the least', {
  template: {
    contribution: percentage(0.1),
    houseHoldContribution: percentage(0.5),
    pots: [
      {
        id: 'choosy',
        contribution: percentage(0.5),
        criteria: { minContribution: 0.5, minBaseWager: 0 },
        potTypes: [hitRate(1, 20)],
        seedStrategy: restarting(3, { reseedStrategy: 'MinReseed' }),
      },
    ],
  },
  wager: (random) => (random < 0.5 ? 4 : 10),
  theory: (_, amount) => [((0.5 * (3 / 20 + 0.5)) / 0.7) * amount],
});

export const templates: readonly Simulation[] = [
  kept('None', [0, 1, 2]),
  kept('Lowest', [1, 0, 2]),
  kept('Highest', [2, 0, 1]),
  rising('Lowest'),
  rising('Highest'),
  reserves,
  bounded,
  least,
  hiddenEnds,
];
