import type { Call } from '../support/api.ts';
import { runCommand, type CommandResult } from '../support/command.ts';
import { demoDatabase, MASTER_KEY, startServer } from '../support/service.ts';
import { createOrm } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { insertApiKey } from '../../src/tenants/api-keys.ts';
import { makeSecret } from '../../src/tenants/secret.ts';
import { applyFile } from '../../src/tools/apply.ts';

const DEMO = new URL('../../src/tools/demo.yaml', import.meta.url).pathname;

/** A draw as its caller got it. */
export interface Opened {
  readonly server_seed: string;
  readonly server_seed_hash: string;
  readonly open_id: string;
}

/** A new database with the demo catalogue, and the headers of a key that works in production as well. */
export async function preparedDatabase(): Promise<{ url: string; headers: Record<string, string> }> {
  const url = await demoDatabase();
  return { url, headers: await liveKey(url) };
}

async function liveKey(databaseUrl: string): Promise<Record<string, string>> {
  const secret = makeSecret('live');
  const orm = createOrm({ databaseUrl, databasePool: 1 }, entitiesOf(engines));
  const key = { secret, name: 'player', scopes: ['read', 'play'], brandId: null };
  await orm.em.fork().transactional((em) => insertApiKey(em, { operator: 1, caller: 'test' }, key, []));
  await orm.close();
  return { authorization: `Bearer ${secret}` };
}

/** The same for the database of a cluster of its own: fills it, and returns the headers. */
export async function prepare(databaseUrl: string): Promise<Record<string, string>> {
  const server = await startServer(databaseUrl);
  await applyFile({ file: DEMO, address: server.address, userName: 'demo', password: 'demo' });
  await server.end();
  return liveKey(databaseUrl);
}

/** Opens a box for a player once. */
export async function open(call: Call, headers: Record<string, string>, player = 'p'): Promise<Opened> {
  const { body, status, reason } = await call(
    'LootboxService.OpenLootbox',
    { id: 'welcome-box', user_id: player },
    headers,
  );
  if (status !== 'OK') throw new Error(`an open was refused: ${reason}`);
  return body as unknown as Opened;
}

/** Runs one of `npm run`'s tools in production. */
export const runTool = (tool: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> =>
  runCommand('node', [`src/tools/${tool}.ts`, ...args], { WINDFALL_MODE: 'production', MASTER_KEY, ...env });
