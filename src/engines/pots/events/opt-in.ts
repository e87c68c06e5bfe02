import { OptIn } from '../../../../gen/ts/windfall/pots/v1/opt_in.ts';
import { defineEvent } from '../../../events/index.ts';
import { toNumber } from '../../../kernel/index.ts';
import { jackpot as jackpots } from '../../jackpot/index.ts';
import { optInSet } from '../opted-in.ts';
import { publicOwner } from './owner.ts';

/** A player has opted in to an instance, or out of it. Lists of players tell none: whoever sends one knows it. */
export const optInEvent = defineEvent({
  type: 'pots.opt_in',
  documented: 'OptInEvent',
  facts: [optInSet],
  message: 'windfall.pots.v1.OptIn',
  codec: OptIn,
  view({ data: { jackpot, player, optedIn, preferred, contributions, contributed }, time }, names) {
    const { userId, brandId } = names.player(player);
    return {
      player,
      data: {
        optedIn,
        instanceId: names.definition(names.row(jackpots, jackpot).definitionId),
        playerId: userId,
        extPlayerId: userId,
        playerBrandId: publicOwner(names, brandId),
        preferredContributionValue: preferred === 0n ? undefined : toNumber(preferred),
        contributionCount: Number(contributions),
        contributionValue: toNumber(contributed),
        lastUpdated: Math.floor(time / 1000),
      },
    };
  },
});
