import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import { assertAnswers, grantServer, postgresUrl, startPostgres } from '../db/index.ts';

/**
 * The URL of the database of the settings for its owner, otherwise of the embedded one, which is started if it is not
 * running.
 */
export async function openDatabase(
  { migrationUrl, databaseUrl, dataDir }: Pick<Config, 'migrationUrl' | 'databaseUrl' | 'dataDir'>,
  parts: AsyncDisposableStack,
): Promise<string> {
  const folder = join(dataDir, 'postgres');
  let url = migrationUrl ?? databaseUrl ?? (await postgresUrl(folder));
  if (url === null) {
    const postgres = await startPostgres({ folder, say: (line) => console.log(line) });
    parts.defer(() => postgres.stop());
    url = postgres.url;
  }
  await assertAnswers(url);
  return url;
}

/** Grants the role of servers what they need, if it is another one than the owner. `orm` is connected as the owner. */
export async function grantTo(orm: MikroORM, serverUrl: string): Promise<void> {
  const owner = new URL(orm.config.get('clientUrl')).username;
  const server = new URL(serverUrl).username;
  if (server !== owner) await grantServer(orm, decodeURIComponent(server));
}
