import { PotClosed, PotEndPlanned, PotPaid } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { seedStream, streamId, useSeed } from '../../fairness/index.ts';
import { defineFact } from '../../journal/index.ts';
import type { Micros } from '../../kernel/index.ts';

import { advance, countPaid, jackpot as heads, pot as pots, potEnd } from './entities.ts';
import { sumOf } from './community/rules.ts';
import { createPayouts } from './payouts.ts';
import { begin, noteHit, type ShownWin } from './winning.ts';

/** A cycle of a pot has ended: a point is drawn among all who fed the pot, and the winner's money is in escrow. */
export const potClosed = defineFact<PotClosed>({
  name: 'jackpot.pot-closed',
  number: 1107,
  version: 1,
  aggregate: heads,
  codec: PotClosed,
  evolve(data, rows, at) {
    const row = rows.edit(pots, Number(data.pot));
    row.reserve -= data.reserve + data.fromReserve;
    row.surplus -= data.fromSurplus;
    begin(row, data.start!, rows, at);
    useSeed(rows.edit(seedStream, streamId('pot', row.id)), at);
    advance(rows, at, data.leaf);
    const end = rows.create(potEnd, Number(data.ending));
    end.jackpotId = at.aggregate;
    end.potId = row.id;
    end.cycle = Number(data.cycle);
    end.closedBy = at.operationId;
  },
});

/** What the winner of a closed pot gets. */
export const wonIn = ({ value, reserve }: Pick<PotClosed, 'value' | 'reserve'>): Micros => value + reserve;

/** The winner of a closed pot was found, and paid from escrow. */
export const potPaid = defineFact<PotPaid>({
  name: 'jackpot.pot-paid',
  number: 1108,
  version: 1,
  aggregate: heads,
  codec: PotPaid,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const closed = data.closed!;
    rows.edit(potEnd, Number(closed.ending)).paidAt = at.time;
    const row = rows.edit(pots, Number(closed.pot));
    row.hits += 1;
    countPaid(row, wonIn(closed));
    row.wonAt = at.time;
    noteHit(rows, at, paidWin(data));
    createPayouts(data.payouts, closed.pot, rows, at);
  },
});

/** A paid end, as wins are shown. */
export const paidWin = ({ closed, player, withheld, payouts }: PotPaid): ShownWin => ({
  player,
  withheld,
  payouts,
  potCode: closed!.potCode,
  cycle: closed!.cycle,
  amount: wonIn(closed!) - sumOf(payouts?.shares ?? []),
  reason: closed!.reason,
});

/** The hidden end of a pot's cycle is ordered for its time. */
export const potEndPlanned = defineFact<PotEndPlanned>({
  name: 'jackpot.pot-end-planned',
  number: 1109,
  version: 1,
  aggregate: heads,
  codec: PotEndPlanned,
  evolve() {
    // Its order is all that there is to it.
  },
});

/** The task that pays the winner of a closed pot. */
export const PAY_END = 'jackpot.pay-end';
