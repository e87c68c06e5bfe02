import type { Sql } from '../../db/index.ts';
import { findRow, selectRows } from '../../journal/index.ts';
import { Refusal, type OperatorNo } from '../../kernel/index.ts';
import { lootbox, lootboxVersion, status, type LootboxRow, type VersionRow } from './entities.ts';
import type { Definition } from './rules.ts';

/** A lootbox with its current version. */
export interface StoredLootbox {
  readonly head: Pick<LootboxRow, 'code' | 'status' | 'version' | 'createdAt' | 'updatedAt'>;
  readonly definition: Definition;
  readonly configHash: string;
}

/** The lootbox of a code. Refuses: LOOTBOX_NOT_FOUND. */
export async function requireLootbox(sql: Sql, operator: OperatorNo, code: string): Promise<StoredLootbox & { head: LootboxRow }> {
  const head = await findRow(sql, lootbox, operator, code);
  if (head === undefined) throw new Refusal('LOOTBOX_NOT_FOUND', 'no such lootbox', { details: { id: code } });
  const [stored] = await withVersions(sql, operator, [head]);
  return stored!;
}

/** Up to `limit` active lootboxes whose codes are greater than `after`, in their order. */
export async function listLootboxes(
  sql: Sql, operator: OperatorNo, after: string, limit: number,
): Promise<StoredLootbox[]> {
  const heads = await selectRows(sql, lootbox, operator,
    't.status = $2 and t.code collate "C" > $3 and t.code <> \'\' order by t.code collate "C" limit $4',
    [status.active, after, limit]);
  return withVersions(sql, operator, heads);
}

/** A version by its number, for proofs. */
export async function findVersion(sql: Sql, operator: OperatorNo, versionId: number): Promise<VersionRow | undefined> {
  return (await selectRows(sql, lootboxVersion, operator, 't.id = $2', [versionId]))[0];
}

/** Versions are never changed, so that reading them after their heads shows one consistent lootbox each. */
async function withVersions(sql: Sql, operator: OperatorNo, heads: readonly LootboxRow[]) {
  const ids = heads.map((head) => head.versionId);
  const versions = await selectRows(sql, lootboxVersion, operator, 't.id = any($2::int8[])', [ids]);
  const byId = new Map(versions.map((version) => [version.id, version]));
  return heads.map((head) => {
    const version = byId.get(head.versionId)!;
    return {
      head,
      definition: JSON.parse(version.definition) as Definition,
      configHash: Buffer.from(version.configHash).toString('hex'),
    };
  });
}
