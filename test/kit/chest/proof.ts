import { personalUse, proofOf, type DrawKind } from '../../../src/fairness/index.ts';
import type { ProofSources } from '../../../src/platform/index.ts';
import type { ChestOpened } from '../gen/chest/v1/facts.ts';
import { chests, tableOf } from './definition.ts';
import { chestOpened } from './operations/open-chest.ts';
import { drawnChest } from './record.ts';

/** How FairnessService proves chests' draws. */
export function chestDraws({ keys, versions }: ProofSources): DrawKind<ChestOpened>[] {
  return [
    {
      kind: chestOpened,
      stream: 'player',
      personal: ({ draw }) => personalUse(draw!),
      async prove(operator, _, data, place) {
        const { code, version, content } = await versions.get(chests, operator, Number(data.versionId));
        const named = { id: code, version };
        const drawn = drawnChest(data, content, named);
        return {
          definitionId: named.id,
          definitionVersion: named.version,
          proofs: [],
          records: [proofOf(keys, place, drawn, tableOf(content).config)],
        };
      },
    },
  ];
}
