import type { LootboxOpened } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import { findVersion, idOfCode } from '../../catalogue/index.ts';
import { bindTable, firstPersonalUse, proofHead, type DrawKind } from '../../fairness/index.ts';
import type { Platform } from '../../platform/index.ts';
import { lootboxes } from './definition.ts';
import { lootboxOpened } from './operations/open-lootbox.ts';
import { prizeTable } from './rules.ts';

/** How FairnessService proves lootboxes' draws. */
export function lootboxDraws({ reads, keys }: Platform): DrawKind<LootboxOpened>[] {
  return [
    {
      kind: lootboxOpened,
      personal: ({ draw }) => firstPersonalUse(draw!),
      async prove(operator, _, data) {
        const { head, version } = (await findVersion(reads, operator, Number(data.versionId)))!;
        const table = bindTable(prizeTable(lootboxes.read(version.format, version.content)));
        const opens = data.opens.map(({ rolls, words }, sub) => ({ sub, rolls: [...rolls], words_consumed: words }));
        return {
          definitionId: idOfCode(head.code),
          definitionVersion: Number(data.version),
          proofs: [{ ...proofHead(keys, firstPersonalUse(data.draw!), table), recipe: 'table', opens }],
        };
      },
    },
  ];
}
