import pg from 'pg';
import { engines } from '../../src/engines/index.ts';
import { verifyOperator } from '../../src/journal/index.ts';
import { registerOf } from '../../src/schema.ts';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { runSql } from '../support/sql.ts';
import type { Check } from './case.ts';
import type { Bench } from './stage.ts';

const OPERATOR = 1;

/** What a load has done, according to its responses. */
export interface Done {
  /** The number of its kind of fact. */
  readonly kind: number;
  /** As "opens". */
  readonly plural: string;
  readonly count: number;
}

/**
 * Checks that the ledger is balanced and that the journal holds what was acknowledged; on wish, every row by
 * the journal.
 */
export async function checkBooks(name: string, bench: Bench, done: Done, verify: boolean): Promise<Check[]> {
  return [
    await trialBalance(name, bench),
    await journalled(name, bench, done),
    ...(verify ? [await folded(name, bench)] : []),
  ];
}

async function trialBalance(name: string, { server, databaseUrl }: Bench): Promise<Check> {
  const api = grpcApi(server.address);
  try {
    const headers = await new Callers(api.call, databaseUrl).headers('admin', '');
    const { body } = await api.call('LedgerService.GetTrialBalance', {}, headers);
    const { balanced, assets } = body as { balanced: boolean; assets: { asset: string; sum: string }[] };
    const sums = assets.map(({ asset, sum }) => `${sum} ${asset}`).join(', ');
    return { what: `${name}: the trial balance is ${sums}`, ok: balanced };
  } finally {
    api.close();
  }
}

async function journalled(name: string, { databaseUrl }: Bench, done: Done): Promise<Check> {
  const [{ count }] = await runSql(
    databaseUrl,
    'select count(*)::int from journal where operator_id = $1 and kind = $2',
    [OPERATOR, done.kind],
  );
  return {
    what:
      `${name}: ${done.count.toLocaleString('en')} ${done.plural} were acknowledged, ` +
      `the journal has ${count.toLocaleString('en')}`,
    ok: count === done.count,
  };
}

async function folded(name: string, { databaseUrl }: Bench): Promise<Check> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { facts, rows, lines, differences } = await verifyOperator(client, registerOf(engines), OPERATOR);
    const all =
      `${facts.toLocaleString('en')} facts folded anew, ${rows.toLocaleString('en')} rows and ` +
      `${lines.toLocaleString('en')} statement lines compared`;
    return { what: `${name}: ${all}: ${differences[0] ?? 'clean'}`, ok: differences.length === 0 };
  } finally {
    await client.end();
  }
}
