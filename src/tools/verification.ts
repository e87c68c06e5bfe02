import pg from 'pg';
import { createOrm } from '../db/index.ts';
import { engines } from '../engines/index.ts';
import { verifyOperator } from '../journal/index.ts';
import type { KeySource } from '../master-keys.ts';
import { entitiesOf, registerOf } from '../schema.ts';
import { receiptAudit } from './receipt-audit.ts';

/** How many connections prove draws. */
const CONNECTIONS = 4;

/**
 * Verifies all operators of a database, and prints what was compared. Returns whether nothing differs. Throws a
 * ConfigError if the keys are not those that the database was used with.
 */
export async function verify(databaseUrl: string, source: KeySource): Promise<boolean> {
  const register = registerOf(engines);
  const orm = createOrm({ databaseUrl, databasePool: CONNECTIONS }, entitiesOf(engines));
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
  try {
    const audit = await receiptAudit(orm, await source.read());
    await client.connect();
    const { rows } = await client.query<{ operator_id: string; name: string }>(
      'select operator_id, name from operator order by 1',
    );
    let clean = true;
    for (const { operator_id, name } of rows) {
      const verified = await verifyOperator(client, register, Number(operator_id), audit);
      const { facts, rows: stateRows, lines, receipts, draws, differences } = verified;
      for (const difference of differences) console.log(`  ${difference}`);
      clean &&= differences.length === 0;
      console.log(
        `${name}: ${facts} facts, ${stateRows} state rows, ${lines} statement lines, ` +
          `${receipts} receipts of ${draws} draws: ` +
          `${differences.length === 0 ? 'clean' : `${differences.length} differences`}`,
      );
    }
    return clean;
  } finally {
    await client.end();
    await orm.close();
  }
}
