import { bindConfig, type BoundConfig } from './config-hash.ts';
import type { Draw } from './draw.ts';
import { JsonReader } from './json-reader.ts';

/** 1 common, 2 rare, 3 epic, 4 legendary. */
export type Tier = 1 | 2 | 3 | 4;

export interface GachaPrize {
  readonly id: number;
  readonly label: string;
  readonly tier: Tier;
  readonly rateUp: boolean;
  /**
   * SHA-256 hex of the JCS form of the prize's reward, so that it cannot be exchanged between opening and
   * choosing.
   */
  readonly rewardHash: string;
}

/** A box of tiers with pity. All chances are parts per 100,000,000. */
export interface GachaBox {
  readonly prizes: readonly GachaPrize[];
  /** How many prizes an opening shows. */
  readonly choicesShow: number;
  readonly tier2Chance: number;
  readonly tier3Chance: number;
  /** The legendary chance rises from here … */
  readonly tier4Chance: number;
  /** … to here, not below it, … */
  readonly tier4ChanceMax: number;
  /** … over this many prizes without a legendary one; 0: it does not rise. */
  readonly tier4ChanceStop: number;
  /** After this many prizes below epic the next one is at least epic; 0: no guarantee. */
  readonly tier3Guarantee: number;
  /** After this many prizes without a legendary one the next one is legendary; 0: no guarantee. */
  readonly tier4Guarantee: number;
  /** The chance that a legendary prize is one of the rate-up ones. */
  readonly rateUpChance: number;
}

/** Prizes shown since the last epic-or-better, and since the last legendary one: per player and box. */
export interface PityCounters {
  readonly sinceTier3: number;
  readonly sinceTier4: number;
}

export interface GachaSlot {
  /** The tier of the prize shown. It differs from the drawn tier if that had no prizes. */
  readonly tier: Tier;
  /** Its index in the box's prizes. */
  readonly prize: number;
}

/** A box prepared for drawing: the indices of each tier's prizes, in table order. */
export interface BoundGacha extends BoundConfig {
  readonly box: GachaBox;
  readonly tiers: Readonly<Record<Tier, readonly number[]>>;
  readonly rateUp: readonly number[];
  readonly standard: readonly number[];
}

export const CHANCE_UNIT = 100_000_000;
export const GACHA_PRIZES_MAX = 1_000;
export const CHOICES_MAX = 100;
/**
 * Above every sensible guarantee, and small enough that (max − base) · stop is exact: 10^8 · 10^6 < 2^53.
 */
export const PITY_MAX = 1_000_000;

/** A tier without prizes falls back to the next lower one that has some; if there is none, to the next higher one. */
const FALLBACK: Readonly<Record<Tier, readonly Tier[]>> = {
  1: [1, 2, 3, 4],
  2: [2, 1, 3, 4],
  3: [3, 2, 1, 4],
  4: [4, 3, 2, 1],
};

/**
 * The recipe of openings with tiers. What is hashed, exactly:
 *
 *     {"choices_show":9,
 *      "prizes":[{"id":4,"label":"Kazuha","rate_up":true,"reward_hash":"…64 hex","tier":4}],
 *      "rate_up_chance":50000000,"tier_2_chance":25000000,"tier_3_chance":5000000,"tier_3_guarantee":10,
 *      "tier_4_chance":500000,"tier_4_chance_max":2000000,"tier_4_chance_stop":45,"tier_4_guarantee":50}
 *
 * without the white space, prizes in table order, chances in parts per 100,000,000.
 */
export function bindGacha(box: GachaBox): BoundGacha {
  const bound = bindConfig({
    choices_show: box.choicesShow,
    prizes: box.prizes.map(({ id, label, rateUp, rewardHash, tier }) => {
      return { id, label, rate_up: rateUp, reward_hash: rewardHash, tier };
    }),
    rate_up_chance: box.rateUpChance,
    tier_2_chance: box.tier2Chance,
    tier_3_chance: box.tier3Chance,
    tier_3_guarantee: box.tier3Guarantee,
    tier_4_chance: box.tier4Chance,
    tier_4_chance_max: box.tier4ChanceMax,
    tier_4_chance_stop: box.tier4ChanceStop,
    tier_4_guarantee: box.tier4Guarantee,
  });
  const where = (holds: (prize: GachaPrize) => boolean): number[] =>
    box.prizes.flatMap((prize, index) => (holds(prize) ? [index] : []));
  const ofTier = (tier: Tier): number[] => where((prize) => prize.tier === tier);
  return {
    ...bound,
    box,
    tiers: { 1: ofTier(1), 2: ofTier(2), 3: ofTier(3), 4: ofTier(4) },
    rateUp: where((prize) => prize.tier === 4 && prize.rateUp),
    standard: where((prize) => prize.tier === 4 && !prize.rateUp),
  };
}

/** Parses the text that `bindGacha` hashes. @throws ApiError naming the part that has another shape. */
export function readGacha(config: string): GachaBox {
  const json = JsonReader.parse(config, 'config');
  const chance = (name: string, least = 0): number => json.member(name).integer(least, CHANCE_UNIT);
  const pity = (name: string): number => json.member(name).integer(0, PITY_MAX);
  const tier4Chance = chance('tier_4_chance');
  return {
    prizes: json.member('prizes').items(GACHA_PRIZES_MAX).map(readPrize),
    choicesShow: json.member('choices_show').integer(1, CHOICES_MAX),
    tier2Chance: chance('tier_2_chance'),
    tier3Chance: chance('tier_3_chance'),
    tier4Chance,
    tier4ChanceMax: chance('tier_4_chance_max', tier4Chance),
    tier4ChanceStop: pity('tier_4_chance_stop'),
    tier3Guarantee: pity('tier_3_guarantee'),
    tier4Guarantee: pity('tier_4_guarantee'),
    rateUpChance: chance('rate_up_chance'),
  };
}

function readPrize(json: JsonReader): GachaPrize {
  return {
    id: json.member('id').integer(0, Number.MAX_SAFE_INTEGER),
    label: json.member('label').string(),
    tier: json.member('tier').integer(1, 4) as Tier,
    rateUp: json.member('rate_up').boolean(),
    rewardHash: json.member('reward_hash').string(),
  };
}

/**
 * The legendary chance after `misses` prizes without one: base + (max − base) · min(misses, stop) / stop,
 * floored.
 */
export function legendaryChance(box: GachaBox, misses: number): number {
  const stop = box.tier4ChanceStop;
  if (stop === 0) return box.tier4Chance;
  const rise = (box.tier4ChanceMax - box.tier4Chance) * Math.min(misses, stop);
  return box.tier4Chance + (rise - (rise % stop)) / stop;
}

/**
 * One opening. For each slot a word decides the tier; for a legendary one, if both kinds are present, a word
 * decides the kind; and a word picks one of the group's prizes. The counters change after each slot.
 * @throws RangeError if the box has no prizes.
 */
export function drawGacha(
  draw: Draw,
  bound: BoundGacha,
  before: PityCounters,
): { slots: GachaSlot[]; after: PityCounters } {
  const slots: GachaSlot[] = [];
  let { sinceTier3, sinceTier4 } = before;
  for (let slot = 0; slot < bound.box.choicesShow; slot++) {
    const tier = available(bound, drawTier(draw, bound.box, { sinceTier3, sinceTier4 }));
    const group = tier === 4 ? legendaryGroup(draw, bound) : bound.tiers[tier];
    slots.push({ tier, prize: group[draw.uniform(group.length)]! });
    sinceTier3 = tier >= 3 ? 0 : sinceTier3 + 1;
    sinceTier4 = tier === 4 ? 0 : sinceTier4 + 1;
  }
  return { slots, after: { sinceTier3, sinceTier4 } };
}

function drawTier(draw: Draw, box: GachaBox, { sinceTier3, sinceTier4 }: PityCounters): Tier {
  const t = draw.uniform(CHANCE_UNIT);
  const p4 = legendaryChance(box, sinceTier4);
  if (box.tier4Guarantee > 0 && sinceTier4 >= box.tier4Guarantee) return 4;
  if (t < p4) return 4;
  if (t < p4 + box.tier3Chance) return 3;
  if (box.tier3Guarantee > 0 && sinceTier3 >= box.tier3Guarantee) return 3;
  return t < p4 + box.tier3Chance + box.tier2Chance ? 2 : 1;
}

function available(bound: BoundGacha, drawn: Tier): Tier {
  const tier = FALLBACK[drawn].find((candidate) => bound.tiers[candidate].length > 0);
  if (tier === undefined) throw new RangeError('a box without prizes cannot be opened');
  return tier;
}

function legendaryGroup(draw: Draw, bound: BoundGacha): readonly number[] {
  if (bound.rateUp.length === 0 || bound.standard.length === 0) return bound.tiers[4];
  return draw.chance(bound.box.rateUpChance, CHANCE_UNIT) ? bound.rateUp : bound.standard;
}
