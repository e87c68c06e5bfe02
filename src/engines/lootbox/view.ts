import type { LootboxDefinition, LootboxPrize } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type { GuaranteedReward, Prize } from '../../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { formatDecimal } from '../../kernel/index.ts';
import { oddsOf } from '../../prizes/index.ts';
import { prizeTable } from './rules.ts';

/** A table's prizes with their exact odds. */
export function prizeMessages(content: LootboxDefinition): Prize[] {
  const odds = oddsOf(prizeTable(content));
  return content.prizes.map(({ label, weight, ...prize }, i) => ({
    segmentLabel: label,
    ...rewardMessage(prize),
    weight: Number(weight),
    odds: odds[i]!.fraction,
    probability: odds[i]!.probability,
  }));
}

export function guaranteedMessage({ label, ...reward }: LootboxPrize): GuaranteedReward {
  return { segmentLabel: label, ...rewardMessage(reward) };
}

/** The message of a prize's reward. A prize without an asset is a blank. */
function rewardMessage({ asset, amount }: Pick<LootboxPrize, 'asset' | 'amount'>) {
  return asset === ''
    ? { kind: 'nothing', asset: undefined, amount: undefined }
    : { kind: 'asset', asset, amount: formatDecimal(amount) };
}
