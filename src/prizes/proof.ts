import type { PlayTable, TablePlayed } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { findVersion, idOfCode, type DefinitionKind } from '../catalogue/index.ts';
import type { Reads } from '../db/index.ts';
import { bindTable, personalUse, proofHead, type DrawKind, type MasterKeys, type SeedUse } from '../fairness/index.ts';
import type { FactKind } from '../journal/index.ts';
import { prizeTable } from './prize-table.ts';

/** Where proofs are made from. */
interface Sources {
  readonly reads: Reads;
  readonly keys: MasterKeys;
}

/** A fact's plays, and the seed that they used. */
export interface PlaysToProve extends Pick<TablePlayed, 'plays' | 'version' | 'versionId'> {
  readonly use: SeedUse;
}

/** How FairnessService proves plays of a table. @param tableOf the table in a definition's content. */
export function tableDraws<Data, Content>(
  { reads, keys }: Sources,
  definition: DefinitionKind<Content>,
  kind: FactKind<Data>,
  tableOf: (content: Content) => PlayTable,
  read: (data: Data) => PlaysToProve,
): DrawKind<Data> {
  return {
    kind,
    personal: (data) => read(data).use,
    async prove(operator, _, data) {
      const { use, plays, version, versionId } = read(data);
      const { head, version: stored } = (await findVersion(reads, operator, Number(versionId)))!;
      const table = bindTable(prizeTable(tableOf(definition.read(stored.format, stored.content))));
      const opens = plays.map(({ rolls, words }, sub) => ({ sub, rolls: [...rolls], words_consumed: words }));
      return {
        definitionId: idOfCode(head.code),
        definitionVersion: Number(version),
        proofs: [{ ...proofHead(keys, use, table), recipe: 'table', opens }],
      };
    },
  };
}

/** The plays of a fact as it is now. */
export const playsToProve = ({ draw, ...played }: TablePlayed): PlaysToProve => ({
  ...played,
  use: personalUse(draw!),
});
