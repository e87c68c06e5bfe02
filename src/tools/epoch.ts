/**
 * Shows the epoch of the database, or begins a new one:
 *
 *   npm run epoch            its number, since when it is in force, and whether its mark allows it to be used
 *   npm run epoch -- new     all streams get new seeds; those that were revealed are never used again
 *
 * A new epoch is begun once a database was restored or recovered, while no server is connected to it.
 */
import pg from 'pg';
import { ConfigError, readConfig, requireMarkFile } from '../config.ts';
import { createOrm, DatabaseError, migrate } from '../db/index.ts';
import { engines } from '../engines/index.ts';
import { beginEpoch } from '../journal/index.ts';
import { MarkError, readMark, readState, refusal, runOn, writeMark } from '../mark/index.ts';
import { entitiesOf } from '../schema.ts';
import { grantTo, openDatabase } from './database.ts';

let done = 'No epoch has begun';

async function run(parts: AsyncDisposableStack): Promise<void> {
  const config = readConfig();
  const file = requireMarkFile(config);
  const databaseUrl = await openDatabase(config, parts);
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c timezone=UTC' });
  await client.connect();
  parts.defer(() => client.end());
  if (process.argv[2] === 'new') await begin(client, { databaseUrl, serverUrl: config.databaseUrl, file });
  else await show(client, file);
}

interface Place {
  readonly databaseUrl: string;
  /** Null: the embedded database, which each start prepares. */
  readonly serverUrl: string | null;
  readonly file: string | null;
}

async function begin(client: pg.Client, { databaseUrl, serverUrl, file }: Place): Promise<void> {
  const orm = createOrm({ databaseUrl, databasePool: 1 }, entitiesOf(engines));
  await migrate(orm);
  if (serverUrl !== null) await grantTo(orm, serverUrl);
  await orm.close();
  // A damaged mark says nothing; the number of the new epoch follows from the time as well.
  const known = file === null ? null : await readMark(file).catch(() => null);
  const { number, startedAt } = await beginEpoch(client, known?.epoch);
  done = `Epoch ${number} has begun, but its mark was not written`;
  if (file !== null) await writeMark(file, await readState(runOn(client), ''));
  console.log(`Epoch ${number} has begun at ${new Date(startedAt / 1000).toISOString()}.`);
}

async function show(client: pg.Client, file: string | null): Promise<void> {
  const mark = file === null ? null : await readMark(file);
  const state = await readState(runOn(client), mark?.operation ?? '');
  console.log(`Epoch ${state.epoch}, timeline ${state.timeline}, transaction ${state.transaction}.`);
  if (file === null) console.log('There is no mark: MARK_FILE is unset.');
  else {
    const why = refusal(mark, state);
    console.log(why === undefined ? `Its mark ${file} fits.` : `It may repeat seeds: ${why}.`);
  }
}

try {
  if (process.argv.length > 3 || ![undefined, 'new'].includes(process.argv[2]))
    throw new ConfigError('use it as in: npm run epoch, or: npm run epoch -- new');
  await using parts = new AsyncDisposableStack();
  await run(parts);
} catch (error) {
  if (![ConfigError, DatabaseError, MarkError].some((kind) => error instanceof kind)) throw error;
  console.error(`${done}: ${(error as Error).message}`);
  process.exitCode = 1;
}
