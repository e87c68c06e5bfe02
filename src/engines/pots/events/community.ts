import { CommunityPayoutError } from '../../../../gen/ts/windfall/event/v1/pots.ts';
import { defineEvent } from '../../../events/index.ts';
import { owedReason } from '../../../wallets/index.ts';
import { jackpot as jackpots } from '../../jackpot/index.ts';
import { sharesPaid } from '../community/paying.ts';
import { walletRefused } from '../wallet/facts.ts';
import { instanceOf } from './instance.ts';
import { records } from './records.ts';

/** The operator's wallet has refused to credit a share: it is asked again, and the money stays owed until it does. */
const shareRefused = defineEvent({
  type: 'pots.community_payout_error',
  documented: 'CommunityPayoutErrorEvent',
  variant: 'share',
  facts: [walletRefused],
  message: 'windfall.event.v1.CommunityPayoutError',
  codec: CommunityPayoutError,
  view({ data: { reason, jackpot, player, asset, owed, credit, gameround: gameroundId } }, names) {
    if (reason !== owedReason.share) return null;
    const instanceId = names.definition(names.row(jackpots, jackpot).definitionId);
    const failedPayouts = records([{ player, amount: owed }], names.asset(asset), names);
    return { player, data: { instanceId, gameroundId, failedPayouts, txCreditId: credit } };
  },
});

/** Some of the players could not be paid their shares of a win: they remain in escrow. */
const communityPayoutError = defineEvent({
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

export const communityEvents = [communityPayoutError, shareRefused];
