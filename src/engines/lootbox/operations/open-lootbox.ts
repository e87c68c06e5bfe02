import { LootboxServiceService, type OpenLootboxResponse } from '../../../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import type { MasterKeys } from '../../../fairness/index.ts';
import { write } from '../../../platform/index.ts';
import {
  definePlayed,
  outcomeMessages,
  playInput,
  playing,
  pricePaid,
  type PlayAnswer,
} from '../../../prizes/index.ts';
import { lootboxes } from '../definition.ts';
import { readFirstOpened } from '../first-version.ts';

/** A player has opened a lootbox. */
export const lootboxOpened = definePlayed('lootbox.opened', 1001, 3);
/** The same, from before its draws had records. */
export const secondLootboxOpened = definePlayed('lootbox.opened', 1001, 2);

/** Opens a lootbox `count` times: price, draws under the player's next seed, rewards. */
export const opening = (keys: MasterKeys) =>
  playing(
    {
      name: 'lootbox.open',
      definition: lootboxes,
      fact: lootboxOpened,
      read: readFirstOpened,
    },
    keys,
  );

/** Opens a lootbox for a player; the same request again returns the first answer. */
export const openLootbox = write({
  method: LootboxServiceService.openLootbox,
  command: ({ keys }) => opening(keys),
  player: (request) => request,
  definition: lootboxes,
  prepare: playInput,
  drawId: ({ openId }) => openId,
  respond: (answer, { platform: { tenants }, caller }) =>
    openedMessage(answer, (asset) => tenants.assetCode(caller.operator, asset)),
});

function openedMessage(
  { operationId, time, played, seeds, replayed }: PlayAnswer,
  assetCode: (asset: number) => string,
): Omit<OpenLootboxResponse, 'receipt'> {
  const opens = outcomeMessages(played, assetCode).map((won, sub) => ({ sub, reward: won[0], rewards: won }));
  return {
    ...seeds,
    opens,
    openId: operationId,
    reward: opens[0]!.reward,
    rewards: opens[0]!.rewards,
    lootboxVersion: Number(played.version),
    pricePaid: pricePaid(played, assetCode),
    freeOpens: Number(played.freePlays),
    openTime: new Date(time / 1000),
    deduped: replayed,
  };
}
