import { JackpotDropped } from '../../../gen/ts/windfall/event/v1/event.ts';
import { defineEvent, type EventKind } from '../../events/index.ts';
import type { FactKind } from '../../journal/index.ts';
import { formatDecimal } from '../../kernel/index.ts';
import { jackpot } from './entities.ts';
import { firstWon } from './first-version.ts';
import { wholeOf } from './payouts.ts';
import { paidWin, potPaid } from './pot-ends.ts';
import { reasonName } from './view.ts';
import { jackpotWon, type Payout } from './winning.ts';

type Win = Omit<Payout, 'pot' | 'deficit'>;

/** The event of a kind of fact that tells a win. */
const dropped = <Data>(fact: FactKind<Data>, winOf: (data: Data) => Win): EventKind<Data, JackpotDropped> =>
  defineEvent({
    type: 'jackpot.dropped',
    facts: [fact],
    message: 'windfall.event.v1.JackpotDropped',
    codec: JackpotDropped,
    view({ data, operationId, aggregate }, names) {
      const win = winOf(data);
      const { potCode, cycle, player, amount, reason, withheld, asset, start } = win;
      return {
        player,
        data: {
          cycle,
          drawId: operationId,
          jackpotId: names.definition(names.row(jackpot, aggregate).definitionId),
          potId: potCode,
          userId: names.player(player).userId,
          asset: names.asset(asset),
          amount: formatDecimal(amount),
          poolBefore: formatDecimal(wholeOf(win)),
          poolAfter: formatDecimal(start!.value),
          triggerReason: reasonName(reason),
          withheld: withheld ?? false,
        },
      };
    },
  });

/** What webhooks and streams tell of jackpots. */
export const jackpotEvents = [
  dropped(jackpotWon, (data) => data),
  dropped(firstWon, (data) => data),
  dropped(potPaid, (data) => ({ ...paidWin(data), asset: data.closed!.asset, start: data.closed!.start })),
];
