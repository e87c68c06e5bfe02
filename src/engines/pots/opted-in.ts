import { PotsOptInSet, PotsOptInsSet } from '../../../gen/ts/windfall/facts/v1/pots_opt_in.ts';
import { defineFact } from '../../journal/index.ts';
import { noteChoice, optIn, optInCode } from '../jackpot/index.ts';
import { potsListing } from './entities.ts';

/** A player has opted in to an instance, or out of it. */
export const optInSet = defineFact<PotsOptInSet>({
  name: 'pots.opt-in-set',
  number: 1620,
  version: 1,
  aggregate: optIn,
  codec: PotsOptInSet,
  players: ({ player }) => [Number(player)],
  evolve({ jackpot, player, brand, optedIn, preferred, community }, rows, at) {
    const row = rows.edit(optIn, at.aggregate);
    row.code = optInCode(Number(jackpot), Number(player));
    row.jackpotId = Number(jackpot);
    row.playerId = Number(player);
    row.brandId = Number(brand);
    row.optedIn = optedIn ? 1 : 0;
    row.preferred = preferred;
    row.changedAt = at.time;
    if (community) noteChoice(Number(jackpot), new Set([Number(player)]), !optedIn, rows);
  },
});

/** Players of one brand have opted in to an instance, or out of it; values that they have chosen stay. */
export const optInsSet = defineFact<PotsOptInsSet>({
  name: 'pots.opt-ins-set',
  number: 1621,
  version: 1,
  aggregate: potsListing,
  codec: PotsOptInsSet,
  players: ({ players }) => players.map(Number),
  evolve({ jackpot, brand, optedIn, optIns, players, made, community }, rows, at) {
    for (const [i, id] of optIns.entries()) {
      const row = made[i] ? rows.create(optIn, Number(id)) : rows.edit(optIn, Number(id));
      const player = Number(players[i]);
      row.code = optInCode(Number(jackpot), player);
      row.jackpotId = Number(jackpot);
      row.playerId = player;
      row.brandId = Number(brand);
      row.optedIn = optedIn ? 1 : 0;
      row.changedAt = at.time;
    }
    if (community) noteChoice(Number(jackpot), new Set(players.map(Number)), !optedIn, rows);
  },
});
