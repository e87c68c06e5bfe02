/**
 * Changes one value after another in a database with some history of everything, or deletes or adds a row, in every
 * table of the schema; `verify` must find each, and name where:
 *
 *   npm run campaign -- bytes             SEED=… repeats the changes of a run, CHANGES=… makes it shorter or longer
 */
import startCluster from '../support/cluster.ts';
import { Changes } from './bytes-changes.ts';
import { EXEMPT } from './bytes-exempt.ts';
import { databaseWithHistory } from './bytes-scene.ts';
import { toldBy, tryChanges, type Tried } from './bytes.ts';
import { seeded } from '../support/requests.ts';

const count = Number(process.env['CHANGES'] ?? 200);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
console.log(`seed ${seed}`);

const isFound = ({ told }: Tried): boolean => told.length > 0;
const isNamed = (one: Tried): boolean => one.isNamed;

function tell({ table, what, told }: Tried): void {
  console.log(`${told.length === 0 ? 'UNSEEN' : 'UNNAMED'} ${table}: ${what}`);
  for (const one of told.slice(0, 3)) console.log(`  ${one}`);
}

function report(tried: readonly Tried[], empty: readonly string[]): void {
  const byTable = Map.groupBy(tried, ({ table }) => table);
  for (const [table, all] of byTable) {
    const [found, named] = [all.filter(isFound).length, all.filter(isNamed).length];
    console.log(`${table}: ${all.length} changes, ${found} found, ${named} named`);
  }
  console.log(`without rows: ${empty.join(', ')}`);
  for (const { table, columns = [], why } of EXEMPT) console.log(`not tried: ${[table, ...columns].join(' ')}: ${why}`);
  const ms = tried.map((one) => one.ms).sort((a, b) => a - b);
  console.log(
    `${tried.length} changes in ${byTable.size} tables: ${tried.filter(isFound).length} found, ` +
      `${tried.filter(isNamed).length} named; verify took ${ms[ms.length >> 1]?.toFixed(0)} ms in the middle`,
  );
}

const stop = await startCluster();
try {
  const url = await databaseWithHistory();
  const before = await toldBy(url);
  if (before.length > 0) throw new Error(`it is not clean at first: ${before.join('; ')}`);
  await using changes = await Changes.open(url, seeded(seed));
  const tried: Tried[] = [];
  for await (const one of tryChanges(changes, url, count)) {
    tried.push(one);
    if (!one.isNamed) tell(one);
    if (tried.length % 50 === 0) console.log(`${tried.length} changes`);
  }
  const after = await toldBy(url);
  if (after.length > 0) console.log(`PROBLEM it is not clean at last: ${after.join('; ')}`);
  report(tried, changes.empty);
  process.exitCode = tried.every(isNamed) && after.length === 0 ? 0 : 1;
} finally {
  await stop();
}
