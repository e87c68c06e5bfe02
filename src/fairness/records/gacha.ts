import { bindGacha, drawGacha, readGacha } from '../gacha.ts';
import { checkConfig, type Recipe } from './given.ts';

/** An opening with tiers and pity. No engine draws by it yet. */
export const gachaRecipe: Recipe = {
  stream: 'player',
  player: true,
  origins: [['start', 'player'], ['request']],
  outcome(given) {
    const { config, stated, draw } = given;
    const box = bindGacha(readGacha(config));
    checkConfig(given, box);
    const count = (name: string): number => stated.member(name).integer(0, Number.MAX_SAFE_INTEGER);
    const before = { sinceTier3: count('since_tier_3'), sinceTier4: count('since_tier_4') };
    const words = draw(0);
    const { slots, after } = drawGacha(words, box, before);
    return {
      since_tier_3: before.sinceTier3,
      since_tier_3_after: after.sinceTier3,
      since_tier_4: before.sinceTier4,
      since_tier_4_after: after.sinceTier4,
      slots,
      words: words.wordsConsumed,
    };
  },
};
