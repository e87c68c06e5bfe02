import type { LootboxOpened } from '../../../gen/windfall/facts/v1/facts.ts';
import type { Sql } from '../../db/index.ts';
import { bindTable, personalUse, proofHead, type DrawKind, type MasterKeys } from '../../fairness/index.ts';
import { selectRows } from '../../journal/index.ts';
import { lootboxOpened } from './commands/open.ts';
import { lootbox } from './entities.ts';
import { findVersion } from './queries.ts';
import { prizeTable, type Definition } from './rules.ts';

/** What FairnessService tells of lootboxes' draws. */
export function lootboxDraws(sql: Sql, keys: MasterKeys): DrawKind<LootboxOpened> {
  return {
    kind: lootboxOpened.name,
    number: lootboxOpened.number,
    personal: (data) => data.draw!,
    async prove(operator, _, data) {
      const [head] = await selectRows(sql, lootbox, operator, 't.id = $2', [Number(data.lootbox)]);
      const version = await findVersion(sql, operator, Number(data.versionId));
      const table = bindTable(prizeTable(JSON.parse(version!.definition) as Definition));
      const opens = data.opens.map(({ rolls, words }, sub) => ({ sub, rolls: [...rolls], words_consumed: words }));
      return {
        definitionId: head!.code,
        definitionVersion: Number(data.version),
        proofs: [{ ...proofHead(keys, personalUse(data.draw!), table), recipe: 'table', opens }],
      };
    },
  };
}
