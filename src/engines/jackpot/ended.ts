import type { JackpotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { JackpotEnded } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { leafOf, seedStream, streamId, useSeed } from '../../fairness/index.ts';
import { defineFact, type Fact, type Snapshot } from '../../journal/index.ts';

import { advance, jackpot, pot as pots } from './entities.ts';
import { endRoundOrder } from './raffle/round.ts';

/** A jackpot was archived: the seeds in use are revealed and replaced, so a hidden end is void with its seed. */
export const jackpotEnded = defineFact<JackpotEnded>({
  name: 'jackpot.ended',
  number: 1110,
  version: 1,
  aggregate: jackpot,
  codec: JackpotEnded,
  evolve(data, rows, at) {
    rows.edit(jackpot, at.aggregate).nonce = 0;
    useSeed(rows.edit(seedStream, streamId('jackpot', at.aggregate)), at);
    for (const id of data.pots) {
      const row = rows.edit(pots, Number(id));
      if (row.dueAt !== 0) row.triggerFrom = row.triggerTo = 0n;
      useSeed(rows.edit(seedStream, streamId('pot', row.id)), at);
    }
    advance(rows, at, data.leaf);
  },
});

/** What follows when a jackpot is archived; the round of a raffle is to be ended now. */
export function endedFact(content: JackpotDefinitionV2, { now }: Snapshot): Fact<JackpotEnded> {
  const data = { pots: content.pots.map(({ pot }) => pot), leaf: leafOf(['windfall/ended']) };
  const id = Number(content.jackpot);
  const tasks = content.instance?.raffle === undefined ? [] : endRoundOrder(id, now);
  return { kind: jackpotEnded, id, data, transfers: [], tasks };
}
