import type { PotPaid } from '../../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { JackpotServiceService } from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { formatDecimal } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { userIdFor } from '../../../players/index.ts';
import { potOf } from '../bound.ts';
import { closing } from '../closing.ts';
import { jackpots } from '../definition.ts';
import { payEnd } from '../paying.ts';
import { requireNoRound } from '../raffle/current-round.ts';
import { paidWin } from '../pot-ends.ts';

/** Pays a pot of an ended jackpot out, by a final draw among all who fed it in its last cycle. */
export const drawPot = write({
  method: JackpotServiceService.drawPot,
  command: ({ keys }) => closing(keys),
  definition: jackpots,
  async prepare({ potId }, { platform, caller, definition: jackpot }) {
    const pot = potOf(jackpot, potId);
    await requireNoRound(platform.reads, caller.operator, jackpot, 'JACKPOT_NOT_ENDED');
    const ending = await platform.newId();
    return { route: jackpot.id, request: { jackpot, pot, ending, at: 0, end: 'final' as const } };
  },
  drawId: ({ drawId }) => drawId,
  async respond({ closed: drawn, replayed }, { platform, caller }, { id }) {
    const paid = await payEnd(platform, caller.operator, Number(drawn!.ending));
    const data = paid.facts[0]!.data as PotPaid;
    const { player, withheld, closedAt } = data;
    const closed = data.closed!;
    const winner = (await platform.players.byId(caller.operator, [Number(player)])).get(Number(player));
    return {
      drawId: paid.id,
      jackpotId: id,
      potId: closed.potCode,
      cycle: closed.cycle,
      won: formatDecimal(paidWin(data).amount),
      asset: platform.tenants.assetCode(caller.operator, Number(closed.asset)),
      contributed: formatDecimal(closed.sum),
      point: formatDecimal(closed.point),
      winnerUserId: userIdFor(caller, winner) ?? '',
      withheld,
      closeTime: new Date(Number(closedAt) / 1000),
      drawTime: new Date(paid.time / 1000),
      deduped: replayed,
    };
  },
});
