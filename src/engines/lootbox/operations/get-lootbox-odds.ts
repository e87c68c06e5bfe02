import type { LootboxDefinition } from '../../../../gen/ts/windfall/facts/v1/facts.ts';
import { LootboxServiceService } from '../../../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { bindTable } from '../../../fairness/index.ts';
import { formatDecimal } from '../../../kernel/index.ts';
import { read } from '../../../platform/index.ts';
import { expectedValue } from '../../../prizes/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { lootboxes } from '../definition.ts';
import { prizeTable } from '../rules.ts';
import { guaranteedMessage, prizeMessages } from '../view.ts';

/** Returns the exact odds and the expected value of one open. */
export const getLootboxOdds = read(LootboxServiceService.getLootboxOdds, (platform) => async (request, context) => {
  const {
    shown: { code, version, configHash, content },
    state,
  } = await getDefinition<LootboxDefinition, object>(platform, lootboxes, request, context.caller);
  context.tag(state);
  const table = prizeTable(content);
  return {
    id: code,
    version,
    configHash,
    config: bindTable(table).config,
    rolls: content.rolls,
    prizes: prizeMessages(content),
    guaranteed: content.guaranteed.map(guaranteedMessage),
    expected: [...expectedValue(table)].map(([asset, amount]) => ({ asset, amount: formatDecimal(amount) })),
  };
});
