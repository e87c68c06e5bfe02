import { column, defineTable, type RowOf } from '../../journal/index.ts';

/** Statuses of a lootbox; the numbers are stored. */
export const status = { active: 1, archived: 2 } as const;

const headColumns = {
  code: column.text,
  status: column.integer,
  version: column.integer,
  versionId: column.integer,
  createdAt: column.time,
  updatedAt: column.time,
};

/** A lootbox: which version is current. Opens look at it and do not lock it. */
export const lootbox = defineTable({ name: 'lootbox', number: 10, rank: 1, code: 'code', columns: headColumns });
export type LootboxRow = RowOf<typeof headColumns>;

const versionColumns = {
  lootboxId: column.integer,
  version: column.integer,
  /** A `Definition` as JSON. */
  definition: column.text,
  configHash: column.bytes,
  publishedAt: column.time,
};

/** A version of a lootbox, never changed. */
export const lootboxVersion = defineTable({ name: 'lootbox_version', number: 11, rank: 2, columns: versionColumns });
export type VersionRow = RowOf<typeof versionColumns>;

export const lootboxTables = [lootbox, lootboxVersion];
