import type { MasterKey } from '../../src/master-keys.ts';
import { verifyAll } from '../../src/tools/verification.ts';
import { MASTER_KEY } from '../support/service.ts';
import type { Changes } from './bytes-changes.ts';

/** What became of a change. */
export interface Tried {
  readonly table: string;
  readonly what: string;
  /** What `verify` has told; empty: nothing. */
  readonly told: readonly string[];
  /** Whether what it told names the table, or the rows that it is of. */
  readonly isNamed: boolean;
  readonly ms: number;
}

const key: MasterKey = { id: '1', key: Buffer.from(MASTER_KEY, 'hex'), from: 0 };
const source = { read: async () => [key], everyMs: null };

/** Other words for a table in what `verify` tells. */
const WORDS: Readonly<Record<string, RegExp>> = {
  statement_line: /^(statement|movement) /,
  journal: /^(journal|operation|statement|movement|account|operator_account) ?/,
  journal_key: /^journal/,
  receipt: /receipt/,
  row_seal: / is gone, or was not there|was not written|not as it was written|row_seal|^journal: facts of admin/,
  follower: /^(follower|operator_account) /,
  master_key: /master.key/,
  operator: /operator/,
};

/** What `verify` tells. */
export async function toldBy(url: string): Promise<string[]> {
  const told: string[] = [];
  try {
    for await (const { differences } of verifyAll(url, source)) told.push(...differences);
  } catch (error) {
    told.push(`STOPPED: ${(error as Error).message}`);
  }
  return told;
}

/** Makes `count` random changes, one after another, each of the next table, and verifies after each. */
export async function* tryChanges(changes: Changes, url: string, count: number): AsyncGenerator<Tried> {
  const { tables } = changes;
  for (let i = 0; i < count; i++) {
    const { table, what, undo } = await changes.make(tables[i % tables.length]!);
    const begun = performance.now();
    const told = await toldBy(url);
    const ms = performance.now() - begun;
    await undo();
    const words = [new RegExp(`\\b${table}\\b`), ...(WORDS[table] === undefined ? [] : [WORDS[table]])];
    yield { table, what, told, isNamed: told.some((one) => words.some((word) => word.test(one))), ms };
  }
}
