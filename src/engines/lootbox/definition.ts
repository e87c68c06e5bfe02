import { PlayTable } from '../../../gen/ts/windfall/facts/v1/prizes.ts';
import type {
  CreateLootboxRequest,
  Lootbox as LootboxMessage,
  UpdateLootboxRequest,
} from '../../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { defineDefinition } from '../../catalogue/index.ts';
import { bindTable } from '../../fairness/index.ts';
import {
  bindPlayTable,
  createTable,
  guaranteedMessage,
  pricedTable,
  stockRowsOf,
  tableMessage,
  updateTable,
  type BoundPlayTable,
} from '../../prizes/index.ts';
import { readFirstFormat } from './first-version.ts';

/** Lootboxes' definitions: an update sets the fields that are present, and replaces the table as a whole. */
export const lootboxes = defineDefinition<
  PlayTable,
  BoundPlayTable,
  CreateLootboxRequest,
  UpdateLootboxRequest,
  Partial<LootboxMessage>
>({
  engine: 'lootbox',
  nouns: { one: 'Lootbox', many: 'Lootboxes' },
  reasons: { notFound: 'LOOTBOX_NOT_FOUND', notActive: 'LOOTBOX_NOT_ACTIVE' },
  format: 2,
  encode: (content) => PlayTable.encode(content).finish(),
  read: (format, bytes) => (format === 1 ? readFirstFormat(bytes) : PlayTable.decode(bytes)),
  create: createTable,
  update: updateTable,
  configHash: (content) => Buffer.from(bindTable(pricedTable(content)).configHash, 'hex'),
  bind: (version, tenant) => bindPlayTable(version, (asset) => tenant.assetNo(asset)),
  // Versions of earlier formats were stored with hashes that the price was not part of.
  show: ({ content }, { rows }) => ({
    ...tableMessage(content, rows),
    configHash: bindTable(pricedTable(content)).configHash,
    rolls: content.rolls,
    guaranteed: content.guaranteed.map(guaranteedMessage),
  }),
  shows: stockRowsOf,
  locks: stockRowsOf,
});
