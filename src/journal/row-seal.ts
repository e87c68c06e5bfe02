import { defineEntity, p } from '@mikro-orm/core';
import type { OperatorNo } from '../kernel/index.ts';

/**
 * Digests of rows that do not follow from facts: operators, keys, routes and others that are administered. So `verify`
 * finds one that was changed, added or lost behind the service. They are no signatures: whoever can write rows can seal
 * them.
 */
export const rowSealEntity = defineEntity({
  name: 'row_seal',
  tableName: 'row_seal',
  properties: {
    /** 0: of the whole installation. */
    operatorId: p.bigint('number').name('operator_id').primary(),
    tableName: p.text().name('table_name').primary(),
    /** The other column of the row's key; empty: there is none. */
    rowKey: p.text().name('row_key').primary(),
    digest: p.blob(),
  },
});

/** A table whose rows are sealed. */
export interface SealedTable {
  readonly name: string;
  /** Whether its rows belong to operators. */
  readonly isOperators: boolean;
  /** The column of its key besides the operator; null: none. */
  readonly key: string | null;
  /** The columns that are not sealed. */
  readonly open: readonly string[];
  /** Those that may be null. */
  readonly nullable: readonly string[];
}

/** The part of an entity that is used here. */
interface Schema {
  readonly meta: {
    readonly tableName?: string;
    readonly collection?: string;
    readonly properties: object;
  };
}

/** Describes the table of an entity. @param open properties that change without being sealed again. */
export function sealedTable<S extends Schema>(schema: S, open: readonly string[] = []): SealedTable {
  const { tableName, collection, properties } = schema.meta;
  type Property = { readonly primary?: boolean; readonly nullable?: boolean };
  const all = Object.entries(properties as Readonly<Record<string, Property>>);
  const keys = all.flatMap(([name, { primary }]) =>
    primary === true && name !== 'operatorId' ? [columnName(name)] : [],
  );
  const name = tableName ?? collection!;
  if (keys.length > 1) throw new Error(`${name}: a sealed table has one column besides the operator in its key`);
  return {
    name,
    isOperators: 'operatorId' in properties,
    key: keys[0] ?? null,
    open: open.map(columnName),
    nullable: all.flatMap(([property, { nullable }]) => (nullable === true ? [columnName(property)] : [])),
  };
}

const columnName = (property: string): string => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * SQL for the operators, keys and digests of the rows `t` of a table. Columns that are null do not count, nor those
 * that are zero or empty where they cannot be null: so a new column with such a default leaves the seals as they are.
 * Times are texts: the time zone must be UTC.
 */
export const digestsSql = ({ name, isOperators, key, open, nullable }: SealedTable): string =>
  `select ${isOperators ? 't.operator_id' : '0::int8'} as operator_id, ` +
  `${key === null ? "''" : `t.${key}::text`} as row_key, ` +
  "sha256(convert_to((select coalesce(jsonb_object_agg(c.key, c.value), '{}')::text " +
  `from jsonb_each(to_jsonb(t) - '{${open.join()}}'::text[]) c ` +
  `where c.value <> 'null' and (c.key = any('{${nullable.join()}}'::text[]) ` +
  `or c.value not in ('""', '0', 'false', '[]', '{}'))), 'UTF8')) as digest from ${name} t`;

/** Runs statements in the transaction of a write. */
export interface SealTransaction {
  execute(sql: string, params?: unknown[]): Promise<any>;
}

/** The transaction in which statements with $1, $2 … are run. */
export const sealing = (run: (text: string, values: unknown[]) => Promise<unknown>): SealTransaction => ({
  execute(sql, params = []) {
    let n = 0;
    return run(
      sql.replaceAll('?', () => `$${(n += 1)}`),
      params,
    );
  },
});

/**
 * Seals a row as it is now, or that it is gone, in the transaction that has written it.
 * @param operator 0: of the whole installation. @param key unset: the operator has only one.
 */
export async function sealRow(
  em: SealTransaction,
  table: SealedTable,
  operator: OperatorNo,
  key: number | string = '',
): Promise<void> {
  const { name } = table;
  const wheres = [
    table.isOperators ? 't.operator_id = ?' : '?::int8 = 0',
    ...(table.key === null ? [] : [`t.${table.key} = ?`]),
  ];
  await em.execute("set local timezone = 'UTC'");
  await em.execute('delete from row_seal where operator_id = ? and table_name = ? and row_key = ?', [
    operator,
    name,
    String(key),
  ]);
  await em.execute(
    'insert into row_seal (operator_id, table_name, row_key, digest) ' +
      `select d.operator_id, ?, d.row_key, d.digest from (${digestsSql(table)} where ${wheres.join(' and ')}) d`,
    [name, operator, ...(table.key === null ? [] : [key])],
  );
}

/** The table that the sum of the seals of an operator's administrative facts is kept for. */
export const SUM = 'journal';

/**
 * Adds the seal of an administrative fact to their sum, in the transaction of the fact: no sequence of an aggregate
 * shows that one is gone. It holds a lock until the transaction ends.
 */
export async function addToSum(em: SealTransaction, operator: OperatorNo, seal: Buffer): Promise<void> {
  const key = [operator, SUM];
  await em.execute(
    'insert into row_seal (operator_id, table_name, row_key, digest) values (?, ?, ?, ?) on conflict do nothing',
    [...key, '', Buffer.alloc(32)],
  );
  const which = "where operator_id = ? and table_name = ? and row_key = ''";
  const [{ digest }] = await em.execute(
    `select encode(digest, 'hex') as digest from row_seal ${which} for update`,
    key,
  );
  const sum = addSeal(Buffer.from(digest, 'hex'), seal);
  await em.execute(`update row_seal set digest = ? ${which}`, [sum, ...key]);
}

/** Selects the sum of an operator, in hex. */
export const sumOf =
  `select encode(s.digest, 'hex') from row_seal s where s.operator_id = $1 and s.table_name = '${SUM}' ` +
  "and s.row_key = ''";

/** The sum of seals, in any order: the exclusive or. */
export const addSeal = (sum: Buffer, seal: Buffer): Buffer => Buffer.from(sum.map((byte, i) => byte ^ seal[i]!));
