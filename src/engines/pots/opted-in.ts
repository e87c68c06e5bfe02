import { PotsOptInSet } from '../../../gen/ts/windfall/facts/v1/pots_opt_in.ts';
import { defineFact } from '../../journal/index.ts';
import { optIn, optInCode } from '../jackpot/index.ts';

/** A player has opted in to an instance, or out of it. */
export const optInSet = defineFact<PotsOptInSet>({
  name: 'pots.opt-in-set',
  number: 1620,
  version: 1,
  aggregate: optIn,
  codec: PotsOptInSet,
  players: ({ player }) => [Number(player)],
  evolve({ jackpot, player, brand, optedIn, preferred }, rows, at) {
    const row = rows.edit(optIn, at.aggregate);
    row.code = optInCode(Number(jackpot), Number(player));
    row.jackpotId = Number(jackpot);
    row.playerId = Number(player);
    row.brandId = Number(brand);
    row.optedIn = optedIn ? 1 : 0;
    row.preferred = preferred;
    row.changedAt = at.time;
  },
});
