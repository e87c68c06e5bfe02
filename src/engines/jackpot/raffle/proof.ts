import type { JackpotRoundDrawn } from '../../../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import { proofOf, type DrawKind } from '../../../fairness/index.ts';
import type { ProofSources } from '../../../platform/index.ts';
import { entriesFrom } from '../../../tickets/index.ts';
import { jackpots } from '../definition.ts';
import { roundDrawn } from './draw-round.ts';
import { boundOfDrawn, drawnRound } from './record.ts';

/** How many entries a proof holds at most; a larger pool's are listed apart. */
const ENTRIES_MAX = 1000;

/** How the draws of rounds are proved. */
export const roundDraws = ({ reads, keys, versions }: ProofSources): DrawKind<JackpotRoundDrawn> => ({
  kind: roundDrawn,
  stream: 'raffle',
  async prove(operator, pool, data, place) {
    const { code, version, content } = await versions.get(jackpots, operator, Number(data.versionId));
    const definition = { engine: jackpots.engine, id: code, version };
    const entries = await entriesFrom(reads, operator, pool, 0, ENTRIES_MAX + 1);
    const { config } = boundOfDrawn(data, content.asset);
    const proof = proofOf(keys, place, drawnRound(data, definition, content.asset), config);
    return {
      definitionId: definition.id,
      definitionVersion: definition.version,
      proofs: [],
      records: [{ ...proof, entries: entries.length > ENTRIES_MAX ? [] : entries }],
    };
  },
});
