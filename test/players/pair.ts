import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import { grpcApi, type Outcome } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer } from '../support/service.ts';

/** Two server processes on one database. */
export interface Pair {
  readonly databaseUrl: string;
  /** Calls an RPC with the demo's API key, on one of the two. */
  call(rpc: string, request: JsonObject, server: number): Promise<Outcome>;
  /** Calls an RPC that must succeed, on the first of the two. Without `as`, with the demo's API key. */
  ask(rpc: string, request: JsonObject, as?: string): Promise<any>;
  stop(): Promise<void>;
}

/** Starts two servers, in development, on a database of their own. */
export async function startPair(): Promise<Pair> {
  const databaseUrl = await freshDatabase();
  const servers = [await startServer(databaseUrl), await startServer(databaseUrl)];
  const apis = servers.map(({ address }) => grpcApi(address));
  const callers = new Callers(apis[0]!.call, databaseUrl);
  const service = await callers.headers('service', '');
  return {
    databaseUrl,
    call: (rpc, request, server) => apis[server]!.call(rpc, request, service),
    async ask(rpc, request, as = 'service') {
      const { reason, body } = await apis[0]!.call(rpc, request, await callers.headers(as, ''));
      assert.equal(reason, null, rpc);
      return body;
    },
    async stop() {
      for (const api of apis) api.close();
      await Promise.all(servers.map((server) => server.end()));
    },
  };
}
