import { GrantSettled } from '../../../gen/ts/windfall/event/v1/event.ts';
import { defineEvent, type FactView, type Names, type View } from '../../events/index.ts';
import { grant, grantConfirmed, grantExpired, playerOfGrant, rewardKindName } from '../../rewards/index.ts';

function grantSettled({ aggregate }: FactView<unknown>, names: Names, reference: string): View<GrantSettled> {
  const { kind, item, quantity, operationId } = names.row(grant, aggregate);
  const player = playerOfGrant(aggregate);
  return {
    player,
    data: {
      grantId: String(aggregate),
      userId: names.player(player).userId,
      kind: kind === 0 ? '' : rewardKindName(kind),
      item,
      quantity: BigInt(quantity),
      operationId,
      reference: reference || undefined,
    },
  };
}

const message = 'windfall.event.v1.GrantSettled';

/** The types of events that belong to no engine. */
export const groundEvents = [
  defineEvent({
    type: 'grant.confirmed',
    facts: [grantConfirmed],
    message,
    codec: GrantSettled,
    view: (fact, names) => grantSettled(fact, names, fact.data.reference),
  }),
  defineEvent({
    type: 'grant.expired',
    facts: [grantExpired],
    message,
    codec: GrantSettled,
    view: (fact, names) => grantSettled(fact, names, ''),
  }),
];
