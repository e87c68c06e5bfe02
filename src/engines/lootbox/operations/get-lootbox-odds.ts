import type { PlayTable } from '../../../../gen/ts/windfall/facts/v1/prizes.ts';
import { LootboxServiceService, type Lootbox } from '../../../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { read } from '../../../platform/index.ts';
import { oddsMessage } from '../../../prizes/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { lootboxes } from '../definition.ts';

/** Returns the exact odds and the expected value of one open. */
export const getLootboxOdds = read(LootboxServiceService.getLootboxOdds, (platform) => async (request, context) => {
  const { shown, state, message } = await getDefinition<PlayTable, Partial<Lootbox>>(
    platform,
    lootboxes,
    request,
    context.caller,
  );
  context.tag(state);
  const { code, version, configHash, content } = shown;
  const { prizes = [], guaranteed = [] } = message();
  return { prizes, guaranteed, version, configHash, id: code, rolls: content.rolls, ...oddsMessage(content) };
});
