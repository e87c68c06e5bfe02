import { join } from 'node:path';
import type { Config } from '../config.ts';
import { assertAnswers, postgresUrl, startPostgres } from '../db/index.ts';

/** The URL of the database of the settings, otherwise of the embedded one, which is started if it is not running. */
export async function openDatabase(
  { databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
  parts: AsyncDisposableStack,
): Promise<string> {
  const folder = join(dataDir, 'postgres');
  let url = databaseUrl ?? (await postgresUrl(folder));
  if (url === null) {
    const postgres = await startPostgres({ folder, say: (line) => console.log(line) });
    parts.defer(() => postgres.stop());
    url = postgres.url;
  }
  await assertAnswers(url);
  return url;
}
