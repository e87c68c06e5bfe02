import { JackpotWin } from '../../../../gen/ts/windfall/event/v1/pots.ts';
import type { PotsPayouts, PotsWon } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import { defineEvent, type EventKind } from '../../../events/index.ts';
import type { FactKind } from '../../../journal/index.ts';
import { toNumber, type Micros } from '../../../kernel/index.ts';
import { jackpotWon, paidWin, potPaid } from '../../jackpot/index.ts';
import { instanceOf } from './instance.ts';
import { publicOwner } from './owner.ts';
import { records } from './records.ts';

/** What all facts of wins tell. */
interface Win {
  readonly player: bigint;
  readonly potCode: string;
  readonly amount: Micros;
  readonly withheld: boolean;
  /** The number of the row of the version in force. */
  readonly version: bigint;
  readonly seed: Micros;
  readonly deficit: Micros;
  readonly instance: PotsWon | undefined;
  readonly payouts?: PotsPayouts | undefined;
}

const won = <Data>(fact: FactKind<Data>, winOf: (data: Data) => Win): EventKind<Data, JackpotWin> =>
  defineEvent({
    type: 'pots.win',
    documented: 'JackpotWinEvent',
    variant: 'pots',
    facts: [fact],
    message: 'windfall.event.v1.JackpotWin',
    codec: JackpotWin,
    view({ data, time }, names) {
      const win = winOf(data);
      const { player } = win;
      const { userId, brandId } = names.player(player);
      const shared = instanceOf(win.version, names);
      if (shared === null) return null;
      const { gameCode, brand: _, ...about } = shared;
      const { source = '', metadata = '', rates = [] } = win.instance ?? {};
      return {
        player,
        data: {
          ...about,
          brandId: publicOwner(names, brandId),
          playerId: userId,
          sourceId: source || gameCode,
          timestamp: Math.floor(time / 1000),
          winPotId: win.potCode,
          winAmount: toNumber(win.amount),
          currencyMultipliers: new Map(rates.map(({ currency, multiplier }) => [currency, multiplier])),
          winWithheld: win.withheld,
          communityWinners: records(win.payouts?.shares ?? [], about.jackpotCurrency, names),
          gamesInJackpot: gameCode === undefined ? [] : [gameCode],
          seed: toNumber(win.seed),
          seedDeficit: toNumber(win.deficit),
          metadata: metadata === '' ? undefined : (JSON.parse(metadata) as unknown),
        },
      };
    },
  });

/** A pot of an instance was won: by a contribution, by a trigger, or because its time was up. */
export const winEvents = [
  won(jackpotWon, (data) => ({
    ...data,
    version: data.start!.termsFrom,
    seed: data.start!.value,
  })),
  won(potPaid, (data) => ({
    ...paidWin(data),
    withheld: data.withheld,
    version: data.closed!.versionId,
    seed: data.closed!.start!.value,
    deficit: data.closed!.deficit,
    instance: undefined,
  })),
];
