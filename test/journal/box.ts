import { LootboxDefinition } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { changeDefinition } from '../../src/catalogue/index.ts';
import { lootboxes } from '../../src/engines/lootbox/definition.ts';
import { bindPlayTable, type BoundPlayTable } from '../../src/prizes/index.ts';
import type { Journal } from '../../src/journal/index.ts';
import { options } from './fixture.ts';

/** The box `box` without a service around it: its head is row 1, its version row 2. */
const NAME = { definitionId: 1, code: 'box', version: 1, versionId: 2 };

/** The box ready for opening. @param assetNo the number of an asset code. */
export function bindBox(content: LootboxDefinition, assetNo: (code: string) => number): BoundPlayTable {
  return bindPlayTable({ ...NAME, content: tableOf(content) }, assetNo);
}

/** The box in the form that is stored now. */
const tableOf = (content: LootboxDefinition) => lootboxes.read(1, LootboxDefinition.encode(content).finish());

/** Creates the box, active at once. */
export async function createBox(journal: Journal, box: LootboxDefinition): Promise<void> {
  const content = tableOf(box);
  const stored = {
    format: lootboxes.format,
    versionId: BigInt(NAME.versionId),
    definition: Buffer.from(lootboxes.encode(content)),
    configHash: Buffer.from(lootboxes.configHash(content)),
  };
  await journal.run(
    changeDefinition(lootboxes),
    {
      act: 'create',
      id: NAME.definitionId,
      code: NAME.code,
      sequence: 0,
      base: null,
      content,
      reason: '',
      expectedVersion: 0,
      keyed: false,
      prepared: undefined,
      assetNo: () => 0,
      desired: { content: stored, status: '', effectiveAt: 0, touches: true },
    },
    options(),
  );
}
