import type { Dice } from './dice.ts';
import { int, type Json } from './json.ts';

/** The slots of a gacha open: their tiers by chance, climb and guarantees, and the prize of each. */
export function gacha(dice: Dice, config: Json, stated: Json): Json {
  const before = { since_tier_3: int(stated.since_tier_3), since_tier_4: int(stated.since_tier_4) };
  let [calm3, calm4] = [before.since_tier_3, before.since_tier_4];
  const pick = (holds: (prize: Json) => boolean): number[] =>
    config.prizes.flatMap((prize: Json, index: number) => (holds(prize) ? [index] : []));
  const slots: Json[] = [];
  while (slots.length < config.choices_show) {
    const t = Number(dice.uniform(100_000_000));
    const stop = BigInt(config.tier_4_chance_stop);
    const climb = BigInt(config.tier_4_chance_max - config.tier_4_chance);
    const climbed = stop === 0n ? 0n : (climb * (BigInt(calm4) < stop ? BigInt(calm4) : stop)) / stop;
    const legendary = config.tier_4_chance + Number(climbed);
    const epic = legendary + config.tier_3_chance;
    let tier = t < legendary ? 4 : t < epic ? 3 : t < epic + config.tier_2_chance ? 2 : 1;
    if (config.tier_3_guarantee > 0 && calm3 >= config.tier_3_guarantee) tier = Math.max(tier, 3);
    if (config.tier_4_guarantee > 0 && calm4 >= config.tier_4_guarantee) tier = 4;
    const stocked = [1, 2, 3, 4].filter((other) => config.prizes.some((prize: Json) => prize.tier === other));
    tier = stocked.findLast((other) => other <= tier) ?? stocked[0]!;
    let group = pick((prize) => prize.tier === tier);
    if (tier === 4 && new Set(group.map((index) => config.prizes[index].rate_up)).size === 2) {
      const rateUp = dice.uniform(100_000_000) < BigInt(config.rate_up_chance);
      group = pick((prize) => prize.tier === 4 && prize.rate_up === rateUp);
    }
    slots.push({ tier, prize: group[Number(dice.uniform(group.length))] });
    calm3 = tier >= 3 ? 0 : calm3 + 1;
    calm4 = tier === 4 ? 0 : calm4 + 1;
  }
  return { ...before, slots, since_tier_3_after: calm3, since_tier_4_after: calm4 };
}
