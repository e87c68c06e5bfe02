import { CommunityPayoutError } from '../../../../gen/ts/windfall/event/v1/pots.ts';
import { defineEvent } from '../../../events/index.ts';
import { sharesPaid } from '../community/paying.ts';
import { instanceOf } from './instance.ts';
import { records } from './records.ts';

/** Some of the players could not be paid their shares of a win: they remain in escrow. */
export const communityPayoutError = defineEvent({
  type: 'pots.community_payout_error',
  documented: 'CommunityPayoutErrorEvent',
  facts: [sharesPaid],
  message: 'windfall.event.v1.CommunityPayoutError',
  codec: CommunityPayoutError,
  view({ data: { versionId, gameround, shares } }, names) {
    const failed = shares.filter(({ withheld }) => withheld);
    const instance = failed.length === 0 ? null : instanceOf(versionId, names);
    if (instance === null) return null;
    const { brand, instanceId, jackpotCurrency } = instance;
    const data = { instanceId, gameroundId: gameround, failedPayouts: records(failed, jackpotCurrency, names) };
    return { brand, data: { ...data, txCreditId: undefined } };
  },
});
