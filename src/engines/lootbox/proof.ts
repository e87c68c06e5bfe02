import type { LootboxOpened } from '../../../gen/windfall/facts/v1/facts.ts';
import type { Sql } from '../../db/index.ts';
import { bindTable, type DrawKind } from '../../fairness/index.ts';
import { selectRows } from '../../journal/index.ts';
import { lootboxOpened } from './commands/open.ts';
import { lootbox } from './entities.ts';
import { findVersion } from './queries.ts';
import { prizeTable, type Definition } from './rules.ts';

/** What FairnessService tells of lootboxes' draws. */
export function drawKind(sql: Sql): DrawKind<LootboxOpened> {
  return {
    kind: lootboxOpened.name,
    number: lootboxOpened.number,
    draw: (data) => data.draw!,
    async source(operator, data) {
      const [head] = await selectRows(sql, lootbox, operator, 't.id = $2', [Number(data.lootbox)]);
      const version = await findVersion(sql, operator, Number(data.versionId));
      const { config } = bindTable(prizeTable(JSON.parse(version!.definition) as Definition));
      return { definitionId: head!.code, definitionVersion: Number(data.version), config };
    },
    recipe: (data) => ({
      recipe: 'table',
      opens: data.opens.map(({ rolls, words }, sub) => ({ sub, rolls: [...rolls], words_consumed: words })),
    }),
  };
}
