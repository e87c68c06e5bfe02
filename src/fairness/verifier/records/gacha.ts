import { gacha as slotsOf } from '../gacha.ts';
import type { Recipe } from './recipe.ts';
import { bool, int, list, object, text } from './shape.ts';

const UNIT = 100_000_000;
const chance = int(0, UNIT);
const pity = int(0, 1_000_000);

/** An opening with tiers and pity. */
export const gacha: Recipe = {
  stream: 'player',
  player: true,
  origins: [['start', 'player'], ['request']],
  config: object({
    choices_show: int(1, 100),
    prizes: list(object({ id: int(), label: text(), rate_up: bool, reward_hash: text(), tier: int(1, 4) }), 1, 1000),
    rate_up_chance: chance,
    tier_2_chance: chance,
    tier_3_chance: chance,
    tier_3_guarantee: pity,
    tier_4_chance: chance,
    tier_4_chance_max: chance,
    tier_4_chance_stop: pity,
    tier_4_guarantee: pity,
  }),
  outcome: object({
    since_tier_3: int(),
    since_tier_3_after: int(),
    since_tier_4: int(),
    since_tier_4_after: int(),
    slots: list(object({ prize: int(), tier: int(1, 4) }), 1, 100),
    words: int(),
  }),
  compute({ config, outcome, dice }) {
    if (config.tier_4_chance_max < config.tier_4_chance) throw new Error('config.tier_4_chance_max: is too low');
    const words = dice(0);
    return { ...slotsOf(words, config, outcome), words: words.taken };
  },
};
