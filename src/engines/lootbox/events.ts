import { LootboxOpened } from '../../../gen/ts/windfall/event/v1/event.ts';
import { defineEvent } from '../../events/index.ts';
import { outcomeMessages, pricePaid } from '../../prizes/index.ts';
import { lootboxOpened, secondLootboxOpened } from './operations/open-lootbox.ts';

/** What webhooks and streams tell of lootboxes. Opens of facts of the first version are from before there were any. */
export const lootboxEvents = [
  defineEvent({
    type: 'lootbox.opened',
    facts: [lootboxOpened, secondLootboxOpened],
    message: 'windfall.event.v1.LootboxOpened',
    codec: LootboxOpened,
    view: ({ data, operationId }, names) => ({
      player: data.player,
      data: {
        openId: operationId,
        lootboxId: names.definition(data.definition),
        lootboxVersion: Number(data.version),
        userId: names.player(data.player).userId,
        opens: outcomeMessages(data, (asset) => names.asset(asset)).map((rewards) => ({ rewards })),
        pricePaid: pricePaid(data, (asset) => names.asset(asset)),
        freeOpens: Number(data.freePlays),
      },
    }),
  }),
];
