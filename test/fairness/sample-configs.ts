import { bindConfig } from '../../src/fairness/config-hash.ts';
import type { GachaBox, GachaPrize, Tier } from '../../src/fairness/gacha.ts';
import type { PrizeTable } from '../../src/fairness/table.ts';

const unit = 1_000_000n;

/** One likely blank, one rare big prize. */
export const wheel: PrizeTable = {
  guaranteed: [],
  prizes: [
    { label: 'big', asset: 'WINZ', amount: 1_500n * unit, weight: 100 },
    { label: 'small', asset: 'WINZ', amount: 500_000n, weight: 700 },
    { label: 'nothing', asset: 'WINZ', amount: 0n, weight: 1_200 },
  ],
  rolls: 1,
};

/** Guaranteed rewards, several rolls, labels beyond ASCII, a weight beyond 32 bits. */
export const chest: PrizeTable = {
  guaranteed: [{ label: 'welcome "€"', asset: 'GEMS', amount: 5n * unit }],
  prizes: [
    { label: 'Kaedahara Kazuha 🍃⭐️', asset: 'HERO', amount: unit, weight: 1 },
    { label: 'pouch', asset: 'WINZ', amount: 1n, weight: 6_000_000_000 },
    { label: 'sack', asset: 'WINZ', amount: 9_223_372_036_854_775_807n, weight: 3_000_000_000 },
    { label: 'crown', asset: 'GEMS', amount: 20n * unit, weight: 1_000_000_000 },
  ],
  rolls: 5,
};

/** Weights whose sum is the largest allowed. */
export const heaviest: PrizeTable = {
  guaranteed: [],
  prizes: [
    { label: 'a', asset: 'WINZ', amount: unit, weight: 2 ** 52 + 1 },
    { label: 'b', asset: 'WINZ', amount: 2n * unit, weight: 2 ** 52 - 1 },
  ],
  rolls: 3,
};

/** Gives without drawing. */
export const gift: PrizeTable = {
  guaranteed: [{ label: 'gift', asset: 'WINZ', amount: 10n * unit }],
  prizes: [],
  rolls: 1,
};

export function gachaPrize(id: number, tier: Tier, rateUp = false): GachaPrize {
  const label = `prize ${id}`;
  const reward = { dust_price: 0, meta: { amount: id, currency: 'gold' }, prize_type: 'currency' };
  return { id, label, tier, rateUp, rewardHash: bindConfig(reward).configHash };
}

/** The box of the gacha contract's own example. */
export const banner: GachaBox = {
  prizes: [
    gachaPrize(1, 1),
    gachaPrize(2, 2),
    gachaPrize(3, 3),
    gachaPrize(4, 4, true),
    gachaPrize(5, 4),
    gachaPrize(6, 1),
    gachaPrize(7, 1),
    gachaPrize(8, 4),
  ],
  choicesShow: 9,
  tier2Chance: 25_000_000,
  tier3Chance: 5_000_000,
  tier4Chance: 500_000,
  tier4ChanceMax: 2_000_000,
  tier4ChanceStop: 45,
  tier3Guarantee: 10,
  tier4Guarantee: 50,
  rateUpChance: 50_000_000,
};
