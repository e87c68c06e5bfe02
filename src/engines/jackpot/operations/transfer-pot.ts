import type { PotEndowed } from '../../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { JackpotServiceService } from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { formatDecimal, invalid } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { potOf } from '../bound.ts';
import { jackpots } from '../definition.ts';
import { requireNoRound } from '../raffle/current-round.ts';
import { transferring } from '../transferring.ts';

const ENDED = { statuses: ['archived'], reason: 'JACKPOT_NOT_ENDED' } as const;
const WHOLE = 1_000_000n;

/** Moves all money of a pot of an ended jackpot to a pot of an active jackpot of the same asset. */
export const transferPot = write({
  method: JackpotServiceService.transferPot,
  command: () => transferring,
  definition: jackpots,
  async prepare({ potId, toJackpotId, toPotId }, { platform, caller, definition: jackpot, fresh }) {
    const other = await platform.definitions.get(jackpots, caller.operator, toJackpotId, fresh);
    const [from, to] = [potOf(jackpot, potId), potOf(other, toPotId, 'to_pot_id')];
    if (other.asset !== jackpot.asset) throw invalid('to_jackpot_id', `must be a jackpot of ${jackpot.assetCode}`);
    await requireNoRound(platform.reads, caller.operator, jackpot, ENDED.reason);
    const moves = [{ from, to: [{ pot: to, part: WHOLE }] }];
    return { route: jackpot.id, request: { from: jackpot, to: other, moves, given: ENDED, reason: '' } };
  },
  async respond({ id, time, facts, replayed }, { platform, caller }, { id: jackpotId }) {
    const { value, reserve, surplus, valueAfter } = facts[1]!.data as PotEndowed;
    const { assetCode } = await platform.definitions.get(jackpots, caller.operator, jackpotId);
    return {
      transferId: id,
      moved: formatDecimal(value + reserve + surplus),
      asset: assetCode,
      toValue: formatDecimal(value),
      toReserve: formatDecimal(reserve),
      toSurplus: formatDecimal(surplus),
      value: formatDecimal(valueAfter),
      transferTime: new Date(time / 1000),
      deduped: replayed,
    };
  },
});
