import { RafflePayoutError, RaffleWin } from '../../../../gen/ts/windfall/event/v1/pots.ts';
import { defineEvent } from '../../../events/index.ts';
import { owedReason } from '../../../wallets/index.ts';
import { jackpot as jackpots, roundDrawn } from '../../jackpot/index.ts';
import { walletRefused } from '../wallet/facts.ts';
import { instanceOf } from './instance.ts';
import { publicOwner } from './owner.ts';
import { records } from './records.ts';

/** The winners of a round of a raffle instance are drawn. */
const raffleWin = defineEvent({
  type: 'pots.raffle_win',
  documented: 'RaffleWinEvent',
  facts: [roundDrawn],
  message: 'windfall.event.v1.RaffleWin',
  codec: RaffleWin,
  view({ data: { versionId, winners }, time }, names) {
    const instance = instanceOf(versionId, names);
    if (instance === null) return null;
    const { brand, instanceId, jackpotName, jackpotCurrency } = instance;
    return {
      brand,
      data: {
        instanceId,
        jackpotName,
        jackpotCurrency,
        brandId: publicOwner(names, brand === 0n ? '' : names.brand(brand)),
        currencyMultipliers: new Map(),
        timestamp: Math.floor(time / 1000),
        winners: records(winners, jackpotCurrency, names),
        winWithheld: winners.some(({ withheld }) => withheld),
      },
    };
  },
});

/** Some of the winners could not be paid: their prizes remain in escrow. */
const rafflePayoutError = defineEvent({
  type: 'pots.raffle_payout_error',
  documented: 'RafflePayoutErrorEvent',
  variant: 'payouts',
  facts: [roundDrawn],
  message: 'windfall.event.v1.RafflePayoutError',
  codec: RafflePayoutError,
  view({ data: { versionId, winners } }, names) {
    const failed = winners.filter(({ withheld }) => withheld);
    const instance = failed.length === 0 ? null : instanceOf(versionId, names);
    if (instance === null) return null;
    const { brand, instanceId, jackpotCurrency } = instance;
    return { brand, data: { instanceId, failedPayouts: records(failed, jackpotCurrency, names) } };
  },
});

/** The operator's wallet has refused to credit a winner: it is asked again, and the money stays owed until it does. */
const raffleCreditRefused = defineEvent({
  type: 'pots.raffle_payout_error',
  documented: 'RafflePayoutErrorEvent',
  facts: [walletRefused],
  message: 'windfall.event.v1.RafflePayoutError',
  codec: RafflePayoutError,
  view({ data: { reason, jackpot, player, asset, owed } }, names) {
    if (reason !== owedReason.raffle) return null;
    const { definitionId } = names.row(jackpots, jackpot);
    const failedPayouts = records([{ player, amount: owed }], names.asset(asset), names);
    return { player, data: { failedPayouts, instanceId: names.definition(definitionId) } };
  },
});

export const raffleEvents = [raffleWin, rafflePayoutError, raffleCreditRefused];
