import fc from 'fast-check';
import {
  bindJackpotConfig,
  Draw,
  HmacKey,
  type BoundJackpot,
  type JackpotConfig,
  type PotConfig,
  type PotTerms,
  type WinSelector,
} from '../../src/fairness/index.ts';

export const UNIT = 1_000_000n;
export const SELECTORS = ['all', 'first', 'lowest', 'highest'] as const satisfies WinSelector[];

const NO_TERMS: PotTerms = {
  hitRate: null,
  maxStep: null,
  maxValue: null,
  minBaseWager: 0n,
  minContribution: 0n,
  mustDropValue: null,
};

/** A pot that takes whole contributions, and that no contribution wins, but for what is given. */
export const potOf = ({
  terms,
  ...more
}: Partial<Omit<PotConfig, 'terms'>> & { terms?: Partial<PotTerms> }): PotConfig => ({
  id: 'main',
  share: UNIT,
  fixedShare: 0n,
  seedShare: 0n,
  seed: 0n,
  collect: 'to_seed',
  reseed: 'full',
  fixed: false,
  next: null,
  terms: { ...NO_TERMS, ...terms },
  ...more,
});

export const jackpotOf = (selector: WinSelector, pots: readonly PotConfig[]): BoundJackpot =>
  bindJackpotConfig({ operatorShare: UNIT, selector, pots });

const micros = (max: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max });
const orNull = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one);

/** Any pot that the contract allows: seeds below caps and bounds, no cap below a bound, no fixed value with a bound. */
export const pots: fc.Arbitrary<PotConfig> = fc
  .record({
    share: fc.bigInt({ min: 0n, max: UNIT / 5n }),
    fixedShare: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 3n * UNIT })),
    seedShare: micros(UNIT),
    seed: fc.oneof(fc.constant(0n), micros(20n * UNIT)),
    collect: fc.constantFrom('to_seed', 'always'),
    reseed: fc.constantFrom('full', 'minimum'),
    fixed: fc.boolean(),
    room: orNull(fc.bigInt({ min: 1n, max: 30n * UNIT })),
    more: orNull(micros(30n * UNIT)),
    maxStep: orNull(fc.bigInt({ min: 1n, max: 2n * UNIT })),
    minBaseWager: fc.oneof(fc.constant(0n), micros(UNIT)),
    minContribution: fc.oneof(fc.constant(0n), micros(UNIT)),
    hitRate: orNull(
      fc.record(
        { cost: fc.bigInt({ min: UNIT / 10n, max: 5n * UNIT }), odds: fc.integer({ min: 1, max: 50 }) },
        { noNullPrototype: true },
      ),
    ),
  })
  .map(({ room, more, fixed, maxStep, minBaseWager, minContribution, hitRate, ...rest }): PotConfig => ({
    ...rest,
    id: 'pot',
    share: rest.fixedShare > 0n ? 0n : rest.share,
    fixed: fixed && room === null,
    next: null,
    terms: {
      hitRate,
      maxStep,
      minBaseWager,
      minContribution,
      mustDropValue: room === null ? null : rest.seed + room,
      maxValue: more === null ? null : rest.seed + (room ?? 1n) + more,
    },
  }));

export const jackpots: fc.Arbitrary<JackpotConfig> = fc
  .record({ selector: fc.constantFrom(...SELECTORS), pots: fc.array(pots, { minLength: 1, maxLength: 4 }) })
  .map(({ selector, pots: all }) => ({
    selector,
    operatorShare: UNIT,
    pots: all.map((pot, i) => ({ ...pot, id: `pot-${i}` })),
  }));

const KEY = HmacKey.fromHex('c0ffee'.padEnd(64, '0'));

/** The draw of the n-th contribution. */
export const drawOf = ({ configHash }: { readonly configHash: string }, nonce: number): Draw =>
  new Draw({
    serverSeed: KEY,
    clientSeed: `own\nwager-${nonce}`,
    nonce,
    sub: 0,
    configHash: `${configHash}:${'0'.repeat(64)}`,
  });
