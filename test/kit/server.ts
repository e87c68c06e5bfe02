import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { createOrm } from '../../src/db/index.ts';
import { engines as installed } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { keySource } from '../../src/master-keys.ts';
import { createWindfall } from '../../src/server.ts';
import { freshDatabase } from '../support/database.ts';
import { MASTER_KEY } from '../support/service.ts';
import { chestEngine } from './chest/engine.ts';

/** One more entry: all that the system needs for chests, besides their contract. */
export const engines = [...installed, chestEngine];
/** The installation's contract and that of chests, in one descriptor set. */
export const CONTRACT = new URL('gen/chest.binpb', import.meta.url);
/** The same for Envoy. */
export const EDGE_CONTRACT = new URL('gen/edge.binpb', import.meta.url);

/** A server with chests, in this process, with its own database. */
export interface KitServer {
  readonly databaseUrl: string;
  readonly port: number;
  readonly address: string;
  /** The warnings and errors that it has logged. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

export async function startKit(): Promise<KitServer> {
  const databaseUrl = await freshDatabase();
  await makeTables(databaseUrl);
  const lines: string[] = [];
  const config = readConfig({ WINDFALL_MODE: 'development', THROTTLE: '1000000', RATE_LIMIT: '10000000' });
  const windfall = await createWindfall(
    { ...config, databaseUrl, markFile: null },
    {
      engines,
      contract: CONTRACT,
      fatal: (error) => lines.push(error.message),
      keys: keySource({ ...config, masterKey: Buffer.from(MASTER_KEY, 'hex') }),
      log: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }),
    },
  );
  const port = await windfall.rpc.bind('127.0.0.1:0');
  return {
    databaseUrl,
    port,
    lines,
    address: `127.0.0.1:${port}`,
    async stop() {
      await windfall.rpc.drain({ waitMs: 0, limitMs: 1000 });
      await windfall.close();
    },
  };
}

/** Creates the tables that migrations do not have, as an installation would by its own migration. Returns the SQL. */
export async function makeTables(databaseUrl: string): Promise<string> {
  const orm = createOrm({ databaseUrl, databasePool: 1 }, entitiesOf(engines));
  const made = await orm.schema.getUpdateSchemaSQL({ wrap: false });
  await orm.schema.update({ wrap: false });
  await orm.close();
  return made;
}
