import pg from 'pg';
import { engines } from '../engines/index.ts';
import { verifyOperator } from '../journal/index.ts';
import { registerOf } from '../schema.ts';

/** Verifies all operators of a database, and prints what was compared. Returns whether nothing differs. */
export async function verify(databaseUrl: string): Promise<boolean> {
  const register = registerOf(engines);
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ operator_id: string; name: string }>(
      'select operator_id, name from operator order by 1',
    );
    let clean = true;
    for (const { operator_id, name } of rows) {
      const {
        facts,
        rows: stateRows,
        lines,
        differences,
      } = await verifyOperator(client, register, Number(operator_id));
      for (const difference of differences) console.log(`  ${difference}`);
      clean &&= differences.length === 0;
      console.log(
        `${name}: ${facts} facts, ${stateRows} state rows, ${lines} statement lines: ${
          differences.length === 0 ? 'clean' : `${differences.length} differences`
        }`,
      );
    }
    return clean;
  } finally {
    await client.end();
  }
}
