import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { createOrm, migrate, startPostgres } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { grpcApi, type Call, type Outcome } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { lastingPort, startServer, type ServerProcess } from '../support/service.ts';

/** Two server processes on a database of their own, of which either may be killed at any time. */
export interface TwoServers {
  readonly databaseUrl: string;
  readonly addresses: readonly string[];
  /** Calls an RPC until it is answered with something else than that the outcome is not known. */
  ask(as: string, rpc: string, request: JsonObject): Promise<Outcome>;
  /** The same for a call that must succeed. */
  must(as: string, rpc: string, request: JsonObject): Promise<any>;
  /** Kills a server with SIGKILL, and starts it again. */
  kill(victim: number): Promise<void>;
  stop(): Promise<void>;
}

const UNKNOWN = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED', 'OVERLOADED']);
/** A wait that is longer than any restart of a server. */
const PATIENCE_MS = 120_000;

export async function startTwoServers(): Promise<TwoServers> {
  const folder = mkdtempSync(join(tmpdir(), 'windfall-timers-'));
  const postgres = await startPostgres({ folder });
  const { url } = postgres;
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  await migrate(orm);
  await orm.close();
  const ports = [await lastingPort(), await lastingPort()];
  const start = (port: number): Promise<ServerProcess> => startServer(url, { GRPC_PORT: String(port) });
  const servers = [await start(ports[0]!), await start(ports[1]!)];
  const apis = servers.map(({ address }) => grpcApi(address));
  let turn = 0;
  const call: Call = async (rpc, request, headers = {}) => {
    for (const giveUpAt = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      turn += 1;
      const outcome = await apis[turn % apis.length]!.call(rpc, request, headers);
      // A killed server leaves no reason at all.
      const unknown = outcome.reason === null ? outcome.status !== 'OK' : UNKNOWN.has(outcome.reason);
      if (!unknown || Date.now() > giveUpAt) return outcome;
    }
  };
  const callers = new Callers(call, url);
  const ask = async (as: string, rpc: string, request: JsonObject): Promise<Outcome> =>
    call(rpc, request, await callers.headers(as, ''));
  return {
    databaseUrl: url,
    addresses: servers.map(({ address }) => address),
    ask,
    async must(as, rpc, request) {
      const { status, reason, details, body } = await ask(as, rpc, request);
      if (status !== 'OK') throw new Error(`${rpc}: ${reason} ${JSON.stringify(details)}`);
      return body;
    },
    async kill(victim) {
      await servers[victim]!.end('SIGKILL');
      servers[victim] = await start(ports[victim]!);
    },
    async stop() {
      for (const api of apis) api.close();
      await Promise.all(servers.map((server) => server.end('SIGKILL')));
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
