import { findVersion, idOfCode } from '../../../src/catalogue/index.ts';
import { personalUse, proofHead, type DrawKind } from '../../../src/fairness/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import type { ChestOpened } from '../gen/chest/v1/facts.ts';
import { chests, tableOf } from './definition.ts';
import { chestOpened } from './operations/open-chest.ts';

/** How FairnessService proves chests' draws. */
export function chestDraws({ reads, keys }: Platform): DrawKind<ChestOpened>[] {
  return [
    {
      kind: chestOpened,
      personal: ({ draw }) => personalUse(draw!),
      async prove(operator, _, { draw, version, versionId, roll, words }) {
        const { head, version: stored } = (await findVersion(reads, operator, Number(versionId)))!;
        const table = tableOf(chests.read(stored.format, stored.content));
        const opens = [{ sub: 0, rolls: [roll], words_consumed: words }];
        return {
          definitionId: idOfCode(head.code),
          definitionVersion: Number(version),
          proofs: [{ ...proofHead(keys, personalUse(draw!), table), recipe: 'table', opens }],
        };
      },
    },
  ];
}
