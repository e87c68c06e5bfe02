import type { LootboxDefinition, LootboxPrize } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type { Prize, Reward } from '../../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { toNumber } from '../../kernel/index.ts';
import { oddsOf } from '../../prizes/index.ts';
import { prizeTable } from './rules.ts';

/** A table's prizes with their exact odds. */
export function prizeMessages(content: LootboxDefinition): Prize[] {
  const odds = oddsOf(prizeTable(content));
  return content.prizes.map(({ label, asset, amount, weight }, i) => ({
    segmentLabel: label,
    asset,
    amount: toNumber(amount),
    weight: Number(weight),
    odds: odds[i]!.fraction,
    probability: odds[i]!.probability,
  }));
}

export function guaranteedMessage({ label, asset, amount }: LootboxPrize): Reward {
  return { segmentLabel: label, asset, amount: toNumber(amount) };
}
