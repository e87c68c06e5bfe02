import type { PlayTable, TablePlayed } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { derived, type DefinitionKind } from '../catalogue/index.ts';
import { bindTable, personalUse, proofHead, proofOf, type DrawKind, type SeedUse } from '../fairness/index.ts';
import type { FactKind } from '../journal/index.ts';
import type { ProofSources } from '../platform/index.ts';
import { pricedTable, prizeTable } from './prize-table.ts';
import { drawnPlays } from './record.ts';

const configOf = derived((table: PlayTable): string => bindTable(pricedTable(table)).config);
const firstTableOf = derived((table: PlayTable) => bindTable(prizeTable(table)));

/** How FairnessService proves plays of a table. @param tableOf the table in a definition's content. */
export function tableDraws<Content>(
  { keys, tenants, versions }: ProofSources,
  definition: DefinitionKind<Content>,
  kind: FactKind<TablePlayed>,
  tableOf: (content: Content) => PlayTable,
): DrawKind<TablePlayed> {
  return {
    kind,
    stream: 'player',
    personal: ({ draw }) => personalUse(draw!),
    async prove(operator, _, data, place) {
      const { code, version, content } = await versions.get(definition, operator, Number(data.versionId));
      const table = tableOf(content);
      const named = { engine: definition.engine, id: code, version };
      const drawn = drawnPlays(data, named, table, (asset) => tenants.assetCode(operator, asset), place.time);
      return {
        definitionId: named.id,
        definitionVersion: named.version,
        proofs: [],
        records: [proofOf(keys, place, drawn, configOf(table))],
      };
    },
  };
}

/** Plays of windfall/1, and the seed that they used. */
export interface FirstPlays extends Pick<TablePlayed, 'plays' | 'version' | 'versionId'> {
  readonly use: SeedUse;
}

/** How plays of windfall/1 are proved. */
export function firstTableDraws<Data>(
  { keys, versions }: ProofSources,
  definition: DefinitionKind<PlayTable>,
  kind: FactKind<Data>,
  read: (data: Data) => FirstPlays,
): DrawKind<Data> {
  return {
    kind,
    personal: (data) => read(data).use,
    async prove(operator, _, data) {
      const { use, plays, version, versionId } = read(data);
      const { code, content } = await versions.get(definition, operator, Number(versionId));
      const opens = plays.map(({ rolls, words }, sub) => ({ sub, rolls: [...rolls], words_consumed: words }));
      return {
        definitionId: code,
        definitionVersion: Number(version),
        proofs: [{ ...proofHead(keys, use, firstTableOf(content)), recipe: 'table', opens }],
      };
    },
  };
}

/** Draws of a fact that was made while windfall/2 was still being shaped: they are listed, and have no proof. */
export const draftDraws = (kind: FactKind<TablePlayed>): DrawKind<TablePlayed> => ({
  kind,
  personal: ({ draw }) => personalUse(draw!),
  prove: async () => undefined,
});
