import { afterLastCycle, inLastCycle, type PotConfig } from '../../src/fairness/pot-config.ts';
import type { RecordProof } from '../../src/fairness/records/record.ts';
import { jackpotOf, potOf, UNIT } from './pots.ts';
import { contributionRecord } from './sample-contributions.ts';
import type { RecordSample } from './sample-records.ts';

const clientSeeds: RecordSample['clientSeeds'] = [
  { origin: 'start', seed: '00112233445566778899aabbccddeeff' },
  { origin: 'request', seed: 'wager 4711' },
];
const state = (value: bigint, drawnAt: bigint, reserve = 7n, surplus = 0n) =>
  ({ value, drawnAt, reserve, surplus, cycle: 4, sum: 5n }) as const;
const hitRate = { cost: UNIT / 1000n, odds: 700 };
const SURE = { cost: UNIT, odds: 1 };
/** Enough attempts that hardly any other draw has the same outcome. */
const lottery = (id: string, more: Partial<PotConfig> = {}): PotConfig =>
  potOf({ id, share: UNIT / 20n, terms: { hitRate }, ...more });

/** Contributions to jackpots of several kinds. */
export const contributions: readonly { name: string; proof: RecordProof }[] = [
  {
    name: 'contribution: several pots, all that are hit are paid',
    proof: contributionRecord({
      config: jackpotOf('all', [
        lottery('mini', { seed: 50n, seedShare: UNIT / 10n, fixedShare: 3n }),
        lottery('minor', { seed: 3n * UNIT, collect: 'always', seedShare: UNIT / 2n, reseed: 'minimum' }),
        lottery('major'),
        potOf({ id: 'drop', share: UNIT / 3n, seed: UNIT, terms: { hitRate, mustDropValue: 900n * UNIT } }),
      ]).jackpot,
      pots: [state(100n, 0n, 7n, 11n), state(5n * UNIT, 0n, 7n, 11n), state(UNIT, 0n), state(10n * UNIT, 9n * UNIT)],
      amount: 2_400_500n,
      chain: '0f'.repeat(32),
      nonce: 3,
      position: 2,
      clientSeeds,
    }),
  },
  {
    name: 'contribution: it brings a pot to its bound, and others are fed only',
    proof: contributionRecord({
      config: jackpotOf('all', [
        lottery('mini'),
        lottery('minor'),
        lottery('major'),
        potOf({
          id: 'due',
          share: UNIT / 4n,
          seed: UNIT,
          terms: { mustDropValue: 20n * UNIT, maxValue: 21n * UNIT },
          next: {
            hitRate,
            maxStep: null,
            maxValue: 3n * UNIT,
            minBaseWager: 0n,
            minContribution: 0n,
            mustDropValue: 4n * UNIT,
          },
        }),
        potOf({ id: 'fixed', share: UNIT / 9n, fixed: true, seed: UNIT }),
        potOf({ id: 'step', share: UNIT / 9n, terms: { maxStep: 5n, mustDropValue: UNIT } }),
        potOf({ id: 'small', share: UNIT / 9n, terms: { minContribution: 100n * UNIT, mustDropValue: UNIT } }),
      ]).jackpot,
      pots: [
        state(3n, 0n),
        state(4n, 0n),
        state(5n, 0n),
        state(20n * UNIT - 9n, 19n * UNIT, 30n * UNIT, 9n * UNIT),
        state(UNIT, 0n),
        state(10n, 2n),
        state(10n, 2n),
      ],
      amount: 2_100_000n,
      clientSeeds,
    }),
  },
  {
    name: 'contribution: the highest pot is hit, and one at its bound is passed over',
    proof: contributionRecord({
      config: jackpotOf('highest', [
        potOf({ id: 'due', share: UNIT / 4n, terms: { mustDropValue: 10n } }),
        potOf({ id: 'sure', share: UNIT / 4n, terms: { hitRate: { cost: UNIT, odds: 1 } } }),
        lottery('mini'),
        lottery('minor'),
        lottery('major'),
      ]).jackpot,
      pots: [state(4n, 4n), state(50n, 0n), state(90n * UNIT, 0n), state(80n * UNIT, 0n), state(70n * UNIT, 0n)],
      amount: 2_400_000n,
      nonce: 1,
      clientSeeds: [
        { origin: 'none', seed: '' },
        { origin: 'none', seed: '' },
      ],
    }),
  },
  {
    name: 'contribution: the wager is too small for one pot, a second one is won for the last time, a third one was',
    proof: contributionRecord({
      config: jackpotOf('all', [
        potOf({ id: 'large', share: UNIT / 20n, terms: { hitRate, minBaseWager: 5n * UNIT, minContribution: 2n } }),
        potOf({ id: 'wide', share: UNIT / 20n, terms: { hitRate, minBaseWager: 4n * UNIT } }),
        inLastCycle(
          potOf({ id: 'last', share: UNIT / 20n, seed: 3n * UNIT, seedShare: UNIT / 2n, terms: { hitRate: SURE } }),
        ),
        afterLastCycle(lottery('over', { seed: 3n * UNIT, seedShare: UNIT / 2n })),
      ]).jackpot,
      pots: [state(9n * UNIT, 0n), state(8n * UNIT, 0n), state(7n * UNIT, 0n, 6n * UNIT, 9n), state(0n, 0n, 5n, 4n)],
      amount: 2_400_000n,
      wager: 4n * UNIT,
      clientSeeds,
    }),
  },
];
