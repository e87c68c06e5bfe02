import pg from 'pg';
import { createOrm } from '../db/index.ts';
import { engines } from '../engines/index.ts';
import { EPOCH_SQL, rollUp, verifyOperator, verifySealed } from '../journal/index.ts';
import type { KeySource } from '../master-keys.ts';
import { entitiesOf, registerOf, sealedOf } from '../schema.ts';
import { DELIVERIES } from '../webhooks/index.ts';
import { receiptAudit } from './receipt-audit.ts';

/** How many connections prove draws. */
const CONNECTIONS = 4;

/** What was compared of an operator, or of what is administered, and what differs. */
interface Part {
  /** Such as "demo: 12 facts". */
  readonly compared: string;
  readonly differences: readonly string[];
}

/**
 * Verifies all operators of a database, and prints what was compared. Returns whether nothing differs. Throws a
 * ConfigError if the keys are not those that the database was used with.
 */
export async function verify(databaseUrl: string, source: KeySource): Promise<boolean> {
  let clean = true;
  for await (const { compared, differences } of verifyAll(databaseUrl, source)) {
    for (const difference of differences) console.log(`  ${difference}`);
    clean &&= differences.length === 0;
    console.log(`${compared}: ${differences.length === 0 ? 'clean' : `${differences.length} differences`}`);
  }
  return clean;
}

/** The same, one part after another, without a word. */
export async function* verifyAll(databaseUrl: string, source: KeySource): AsyncGenerator<Part> {
  const register = registerOf(engines);
  const orm = createOrm({ databaseUrl, databasePool: CONNECTIONS }, entitiesOf(engines));
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
  try {
    const keys = await source.read();
    await client.connect();
    const sealed = sealedOf(engines);
    const differences = await verifySealed(client, sealed, [rollUp.name, DELIVERIES]);
    yield { compared: `administration: ${sealed.length} tables`, differences };
    // Without an epoch no seed is known, and nothing can be proved.
    if ((await client.query(EPOCH_SQL)).rowCount === 0) return;
    const audit = await receiptAudit(orm, keys);
    const { rows } = await client.query<{ operator_id: string; name: string }>(
      'select operator_id, name from operator order by 1',
    );
    for (const { operator_id: operator, name } of rows) {
      const verified = await verifyOperator(client, register, Number(operator), audit);
      const { facts, rows: stateRows, lines, receipts, draws } = verified;
      const compared =
        `${name}: ${facts} facts, ${stateRows} state rows, ${lines} statement lines, ` +
        `${receipts} receipts of ${draws} draws`;
      yield { compared, differences: verified.differences };
    }
  } finally {
    await client.end();
    await orm.close();
  }
}
