import type { RaffleDefinition, RaffleDrawn } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import { bindRaffle, proofOf, type DrawKind } from '../../fairness/index.ts';
import type { ProofSources } from '../../platform/index.ts';
import { entriesFrom } from '../../tickets/index.ts';
import { raffles } from './definition.ts';
import { firstRaffleDrawn, raffleDrawn } from './draw.ts';
import { drawnRaffle, termsOf } from './record.ts';

/** How many entries a proof holds at most; a larger pool's are listed apart. */
const ENTRIES_MAX = 1000;

/** How FairnessService proves raffles' draws. Those from before draws had records have no proof. */
export function raffleDraws({ reads, keys, versions }: ProofSources): DrawKind<RaffleDrawn>[] {
  return [
    {
      kind: raffleDrawn,
      stream: 'raffle',
      async prove(operator, pool, data, place) {
        const { code, version, content } = await versions.get(raffles, operator, Number(data.versionId));
        const definition = { engine: raffles.engine, id: code, version };
        const entries = await entriesFrom(reads, operator, pool, 0, ENTRIES_MAX + 1);
        const { config } = boundOf(data, content);
        const proof = proofOf(keys, place, drawnRaffle(data, definition, place), config);
        return {
          definitionId: definition.id,
          definitionVersion: definition.version,
          proofs: [],
          records: [{ ...proof, entries: entries.length > ENTRIES_MAX ? [] : entries }],
        };
      },
    },
    { kind: firstRaffleDrawn, prove: async () => undefined },
  ];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const boundOf = ({ poolHash, tickets, prizes, onePerPlayer }: RaffleDrawn, content: RaffleDefinition) =>
  bindRaffle({
    onePerPlayer,
    poolHash: hex(poolHash),
    totalTickets: Number(tickets),
    winners: prizes,
    terms: termsOf(content),
  });
