import type pg from 'pg';
import { pages, textQuery } from './pages.ts';
import { digestsSql, SUM, type SealedTable } from './row-seal.ts';

// The time zone is that of seals.
const BEGIN = "begin isolation level repeatable read read only; set local timezone = 'UTC'";
/** All tables whose rows belong to operators, whatever they are for. */
const TABLES =
  "select c.table_name from information_schema.columns c where c.table_schema = 'public' " +
  "and c.column_name = 'operator_id' and c.table_name not in ('operator', 'row_seal') order by 1";
const STRANGERS = 'select f.operator_id, f.name from follower f where f.name <> all($1::text[]) order by 1, 2';
// All of an operator begin at once.
const UNFOLLOWED =
  'select distinct f.operator_id from follower f where not exists ' +
  '(select from follower x where x.operator_id = f.operator_id and x.name = $1)';
const UNKNOWN =
  "select distinct s.table_name from row_seal s where s.table_name <> '' and s.table_name <> all($1::text[])";

/**
 * Compares the rows that do not follow from facts with their seals, and finds rows of any table that belong to no
 * operator. Returns the differences. @param followers their names.
 */
export async function verifySealed(
  client: pg.ClientBase,
  tables: readonly SealedTable[],
  followers: readonly string[],
): Promise<string[]> {
  const query = textQuery(client);
  const differences: string[] = [];
  await client.query(BEGIN);
  try {
    for (const table of tables) {
      for await (const [operator, key, why] of pages(query, 'sealed', comparison(table), [table.name]))
        differences.push(`${table.name} ${[operator, key].filter((one) => one !== '').join('/')} ${why}`);
    }
    const known = [SUM, ...tables.map(({ name }) => name)];
    for (const [name] of await query(UNKNOWN, [known])) differences.push(`row_seal: ${name} is no table with seals`);
    for (const [operator, name] of await query(STRANGERS, [followers]))
      differences.push(`follower ${name} of operator ${operator} is none of the service`);
    for (const name of followers)
      for (const [operator] of await query(UNFOLLOWED, [name]))
        differences.push(`follower ${name} of operator ${operator} is gone, or was not there`);
    for (const [name] of await query(TABLES)) {
      const lost = `select distinct t.operator_id from ${name} t where not exists (select from operator o where `;
      for (const [operator] of await query(`${lost}o.operator_id = t.operator_id)`))
        differences.push(`${name}: there is no operator ${operator}`);
    }
  } finally {
    await client.query('rollback');
  }
  return differences;
}

const comparison = (table: SealedTable): string =>
  'select coalesce(d.operator_id, s.operator_id), coalesce(d.row_key, s.row_key), ' +
  "case when d.digest is null then 'is gone, or was not there' " +
  "when s.digest is null then 'was not written by the service' else 'is not as it was written' end " +
  `from (${digestsSql(table)}) d full join (select * from row_seal x where x.table_name = $1) s ` +
  'on s.operator_id = d.operator_id and s.row_key = d.row_key where d.digest is distinct from s.digest';
