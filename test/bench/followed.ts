import pg from 'pg';
import { until } from '../../src/db/index.ts';

// The end of the index, and not all that is after the cursor: the query must cost nothing, because it runs while
// CPU time counts.
const BEHIND =
  'select (select (j.tx, j.operation_id, j.part) > (f.tx, f.operation_id, f.part) ' +
  'from journal j where j.operator_id = f.operator_id ' +
  'order by j.tx desc, j.operation_id desc, j.part desc limit 1) as behind from follower f';

/** Waits until all followers of a database have read all of its journal. */
export async function followed(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const caughtUp = async (): Promise<boolean> => {
      const { rows } = await client.query<{ behind: boolean }>(BEHIND);
      return rows.length > 0 && rows.every(({ behind }) => !behind);
    };
    if (!(await until(caughtUp, 60_000, 100))) throw new Error('followers do not catch up');
  } finally {
    await client.end();
  }
}
