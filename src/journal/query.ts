import type { Sql } from '../db/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import type { Operation } from './fact.ts';
import { OPERATION, readOperations } from './operation.ts';
import { columnName, type Table } from './table.ts';

/**
 * Reads stored rows of a table: `tail` is what follows `t.operator_id = $1 and`, its `params` counted from $2, as
 * "t.code > $2 order by t.code limit $3".
 */
export async function selectRows<Row>(
  sql: Sql, table: Table<Row>, operator: OperatorNo, tail: string, params: readonly unknown[],
): Promise<Row[]> {
  const rows = await sql(`${table.sql.columns} where t.operator_id = $1 and ${tail}`, [operator, ...params]);
  return rows.map((values) => table.read(values));
}

/** The stored row of a code. */
export async function findRow<Row>(
  sql: Sql, table: Table<Row>, operator: OperatorNo, code: string,
): Promise<Row | undefined> {
  const name = columnName(table.code!);
  const rows = await selectRows(sql, table, operator, `t.${name} collate "C" = $2 and t.${name} <> ''`, [code]);
  return rows[0];
}

/** An operation by its id. */
export async function findOperation(sql: Sql, operator: OperatorNo, id: string): Promise<Operation | undefined> {
  const rows = await sql(
    `select j.operation_id, ${OPERATION} from journal j where j.operator_id = $1 and j.operation_id = $2 order by j.part`,
    [operator, id],
  );
  return readOperations(rows).get(id);
}

/** An operation by an idempotency key, hashed with its scope by `hashKey`. */
export async function findOperationByKey(sql: Sql, operator: OperatorNo, key: string): Promise<Operation | undefined> {
  const rows = await sql(
    `select k.key, ${OPERATION} from journal_key k join journal j on j.operator_id = k.operator_id `
    + 'and j.operation_id = k.operation_id where k.operator_id = $1 and k.key = $2 order by j.part',
    [operator, key],
  );
  return readOperations(rows).get(key);
}
