import { findVersion, idOfCode } from '../../../src/catalogue/index.ts';
import { personalDrawn, personalUse, proofOf, tableText, type DrawKind } from '../../../src/fairness/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import type { ChestOpened } from '../gen/chest/v1/facts.ts';
import { chests, tableOf } from './definition.ts';
import { chestOpened } from './operations/open-chest.ts';

/** How FairnessService proves chests' draws. */
export function chestDraws({ reads, keys }: Platform): DrawKind<ChestOpened>[] {
  return [
    {
      kind: chestOpened,
      stream: 'player',
      personal: ({ draw }) => personalUse(draw!),
      async prove(operator, _, { draw, versionId, roll, words, amount }, place) {
        const { head, version } = (await findVersion(reads, operator, Number(versionId)))!;
        const content = chests.read(version.format, version.content);
        const definition = { engine: 'chest', id: idOfCode(head.code), version: version.version };
        const outcome = tableText({
          freePlays: 0,
          price: content.price,
          stockWon: [],
          opens: [{ rolls: [roll], soldOut: [], words }],
          payouts: amount === 0n ? [] : [{ asset: content.asset, amount }],
          grants: [],
        });
        const drawn = { ...personalDrawn(draw!), definition, outcome, recipe: 'table' };
        return {
          definitionId: definition.id,
          definitionVersion: definition.version,
          proofs: [],
          records: [proofOf(keys, place, drawn, tableOf(content).config)],
        };
      },
    },
  ];
}
