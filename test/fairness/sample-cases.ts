import type { GachaProof, Proof } from '../../src/fairness/proof.ts';
import type { TriggerRange } from '../../src/fairness/trigger.ts';
import { MICROS_MAX } from '../../src/kernel/index.ts';
import { sales, type Case } from './sample-raffles.ts';
import { banner, chest, gachaPrize, gift, heaviest, wheel } from './sample-configs.ts';
import { firstWhere, gachaProof, hitRateProof, raffleProof, tableProof, triggerProof } from './sample-proofs.ts';

export type { Case } from './sample-raffles.ts';

const longSeed = '~'.repeat(64);
const calm = { sinceTier3: 0, sinceTier4: 0 };
const due = { sinceTier3: 8, sinceTier4: 45 };

const tables: Case[] = [
  { name: 'table: one roll, no client seed', proof: tableProof(wheel, {}) },
  {
    name: 'table: client seed of the request',
    proof: tableProof(wheel, { position: 7, clientSeed: 'my lucky words' }),
  },
  { name: 'table: client seed with colons', proof: tableProof(wheel, { position: 8, clientSeed: '1:0:' }) },
  { name: 'table: longest client seed', proof: tableProof(chest, { position: 9, clientSeed: longSeed }) },
  { name: 'table: five rolls, two blocks', proof: tableProof(chest, { position: 10 }) },
  { name: 'table: ten opens under one seed', proof: tableProof(wheel, { position: 11, clientSeed: 'ten' }, 10) },
  { name: 'table: largest sum of weights', proof: tableProof(heaviest, { position: 12 }, 3) },
  { name: 'table: guaranteed rewards alone draw nothing', proof: tableProof(gift, { position: 13 }) },
];

const tiersOf = (proof: GachaProof): string => proof.gacha.slots.map(({ tier }) => tier).join('');
const single = { ...banner, choicesShow: 1 };
const onlyCommon = { ...single, tier2Chance: 0, tier3Chance: 0, tier4Chance: 0, tier4ChanceMax: 0 };
const gachaAt = (position: number, sinceTier4: number, box = single): GachaProof =>
  gachaProof(box, { sinceTier3: 0, sinceTier4 }, { position });
/**
 * A position whose first prize is legendary after 45 misses but not after 44: t falls between the two
 * chances.
 */
const onTheRamp = firstWhere(
  (position) => position,
  (position) => {
    return tiersOf(gachaAt(position, 45)) === '4' && tiersOf(gachaAt(position, 44)) !== '4';
  },
);

const gachas: Case<GachaProof>[] = [
  { name: 'gacha: nine prizes', proof: gachaProof(banner, calm, { position: 1, clientSeed: 'nine' }) },
  {
    name: 'gacha: every tier in one opening',
    proof: firstWhere(
      (position) => gachaProof(banner, calm, { position }),
      (proof) => new Set(tiersOf(proof)).size === 4,
    ),
  },
  { name: 'gacha: legendary at the top of the rising chance', proof: gachaAt(onTheRamp, 45) },
  { name: 'gacha: not legendary one prize below the top', proof: gachaAt(onTheRamp, 44) },
  { name: 'gacha: the chance rises no further', proof: gachaAt(onTheRamp, 46) },
  { name: 'gacha: one prize before the legendary guarantee', proof: gachaAt(3, 49, onlyCommon) },
  { name: 'gacha: legendary guarantee', proof: gachaAt(3, 50, onlyCommon) },
  {
    name: 'gacha: both guarantees within one opening',
    proof: gachaProof({ ...onlyCommon, choicesShow: 9 }, due, { position: 4 }),
  },
  {
    name: 'gacha: one prize before the epic guarantee',
    proof: gachaProof(onlyCommon, { sinceTier3: 9, sinceTier4: 9 }, { position: 5 }),
  },
  { name: 'gacha: epic guarantee', proof: gachaProof(onlyCommon, { sinceTier3: 10, sinceTier4: 10 }, { position: 5 }) },
  {
    name: 'gacha: no guarantees, chance does not rise',
    proof: gachaProof(
      { ...banner, tier3Guarantee: 0, tier4Guarantee: 0, tier4ChanceStop: 0 },
      { sinceTier3: 500, sinceTier4: 500 },
      { position: 6 },
    ),
  },
  { name: 'gacha: always rate-up', proof: gachaAt(7, 50, { ...single, rateUpChance: 100_000_000 }) },
  { name: 'gacha: never rate-up', proof: gachaAt(7, 50, { ...single, rateUpChance: 0 }) },
  {
    name: 'gacha: one kind of legendary takes no word for the kind',
    proof: gachaAt(8, 50, {
      ...single,
      prizes: [gachaPrize(1, 4, true), gachaPrize(2, 4, true), gachaPrize(3, 1)],
    }),
  },
  {
    name: 'gacha: a tier without prizes falls to a lower one',
    proof: gachaAt(9, 50, { ...single, prizes: [gachaPrize(1, 1), gachaPrize(2, 2), gachaPrize(3, 2)] }),
  },
  {
    name: 'gacha: without lower tiers it rises',
    proof: gachaProof({ ...banner, prizes: [gachaPrize(1, 4), gachaPrize(2, 3)] }, calm, { position: 10 }),
  },
];

const mini = { id: 'mini', cost: 100_000n, n: 5 };
const major = { id: 'major', cost: 300_000n, n: 2 };
const grand = { id: 'grand', cost: 1_000_000n, n: 9_000_000_000 };
const hits: Case[] = [
  { name: 'hit rate: one attempt', proof: hitRateProof([mini], [100_000n], { clientSeed: 'wager-1' }) },
  {
    name: "hit rate: a hit ends a pot's attempts",
    proof: firstWhere(
      (nonce) => hitRateProof([mini, major], [1_000_000n, 300_000n], { nonce }),
      ({ hit_rate: { pots } }) => pots[0]!.hit && pots[0]!.attempts === 3,
    ),
  },
  {
    name: 'hit rate: no hit in ten attempts and a third',
    proof: firstWhere(
      (nonce) => hitRateProof([{ ...mini, cost: 300_000n }], [3_100_000n], { nonce }),
      ({ hit_rate: { pots } }) => !pots[0]!.hit,
    ),
  },
  {
    name: 'hit rate: a fraction alone, hit',
    proof: firstWhere(
      (nonce) => hitRateProof([major], [100_000n], { nonce }),
      ({ hit_rate: { pots } }) => pots[0]!.hit,
    ),
  },
  {
    name: 'hit rate: a fraction alone, not hit',
    proof: firstWhere(
      (nonce) => hitRateProof([major], [100_000n], { nonce }),
      ({ hit_rate: { pots } }) => !pots[0]!.hit,
    ),
  },
  {
    name: 'hit rate: less than a millionth of an attempt draws nothing',
    proof: hitRateProof([{ id: 'dear', cost: 10_000_000n, n: 1 }], [9n], { nonce: 3 }),
  },
  {
    name: 'hit rate: a pot that gets nothing draws nothing',
    proof: hitRateProof([mini, major, grand], [0n, 450_000n, 1_234_567n], { position: 2, nonce: 41 }),
  },
  {
    name: 'hit rate: half an attempt where a whole one always hits',
    proof: hitRateProof([{ ...mini, n: 1 }], [50_000n], { nonce: 5 }),
  },
];

const money: TriggerRange = { kind: 'value', from: 100_000_000n, to: 500_000_000n };
const third: TriggerRange = { kind: 'value', from: 1n, to: 2n ** 64n / 3n + 1n };
const time: TriggerRange = { kind: 'time', from: 1_767_225_600_000n, to: 1_767_312_000_000n };
const triggers: Case[] = [
  { name: 'trigger: value', proof: triggerProof(money, true, {}) },
  { name: 'trigger: value of the next cycle, dropped otherwise', proof: triggerProof(money, false, { position: 1 }) },
  { name: 'trigger: time', proof: triggerProof(time, true, { position: 2 }) },
  { name: 'trigger: no room', proof: triggerProof({ ...money, from: money.to }, true, { position: 3 }) },
  {
    name: 'trigger: largest range',
    proof: triggerProof({ kind: 'value', from: 0n, to: MICROS_MAX }, true, { position: 4 }),
  },
  {
    name: 'trigger: a range that rejects a third of all words',
    proof: firstWhere(
      (position) => triggerProof(third, true, { position }),
      ({ trigger }) => trigger.words_consumed === 3,
    ),
  },
];

const one = { winners: 1, onePerPlayer: false };
const raffles: Case[] = [
  { name: 'raffle: one winner', proof: raffleProof(sales, one, {}) },
  { name: 'raffle: outside entropy', proof: raffleProof(sales, one, { clientSeed: 'drand:4711:abcdef' }) },
  {
    name: 'raffle: several winners, tickets leave one by one',
    proof: raffleProof(sales, { winners: 4, onePerPlayer: false }, { position: 1 }),
  },
  {
    name: 'raffle: one prize per player',
    proof: raffleProof(sales, { winners: 2, onePerPlayer: true }, { position: 2 }),
  },
  {
    name: 'raffle: fewer players than prizes',
    proof: raffleProof(sales, { winners: 5, onePerPlayer: true }, { position: 3 }),
  },
  { name: 'raffle: all tickets win', proof: raffleProof(sales, { winners: 12, onePerPlayer: false }, { position: 4 }) },
  {
    name: 'raffle: a large sale',
    proof: raffleProof(
      [
        ['a', 4_294_967_295],
        ['b', 1],
        ['c', 4_000_000_000],
      ],
      one,
      { position: 5 },
    ),
  },
  { name: 'raffle: nothing sold', proof: raffleProof([], one, { position: 6 }) },
];

/** Proofs of all recipes, all valid. */
export const cases: readonly Case[] = [...tables, ...gachas, ...hits, ...triggers, ...raffles];

/** The case of a name. */
export function caseOf<Of extends Proof>(name: string): Of {
  return cases.find((candidate) => candidate.name === name)!.proof as Of;
}
