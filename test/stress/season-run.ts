import type { JsonObject } from '@bufbuild/protobuf';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { lastingPort, startServer, type ServerProcess } from '../support/service.ts';
import { auditSeason, type SeasonAudit } from './season-audit.ts';
import { Answered, playerOf, PURSE, SEASON, SeasonCaller, type SeasonOptions } from './season-callers.ts';
import type { EngineModel, FinishingCall } from './season-engine.ts';
import { Trouble, type TroubleOptions } from './trouble.ts';

export interface SeasonReport extends SeasonAudit {
  readonly answered: Answered;
  readonly kills: number;
  readonly crashes: number;
  /** Of the load, and of all checks after it. */
  readonly ms: number;
  readonly auditMs: number;
}

/**
 * Callers use all engines, while two servers are killed and PostgreSQL crashes. Then everything stored is held against
 * sequential models of the engines and against what the callers were told.
 */
export async function runSeason(
  options: SeasonOptions & TroubleOptions & { readonly signal?: AbortSignal },
): Promise<SeasonReport> {
  const cluster = await startOwnCluster();
  const servers: ServerProcess[] = [];
  try {
    const ports = [await lastingPort(), await lastingPort()];
    for (const port of ports) servers.push(await startServer(cluster.url, { GRPC_PORT: String(port) }));
    const addresses = servers.map(({ address }) => address);
    await furnish(addresses[0]!, cluster.url, options);
    const answered = new Answered();
    const trouble = new Trouble(cluster, servers, ports);
    const began = Date.now();
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    const failing = (error: unknown): never => {
      stop.abort(error);
      throw error;
    };
    const callers = Array.from(
      { length: options.callers },
      (_, i) => new SeasonCaller(options, i, addresses, answered),
    );
    const outcomes = await Promise.allSettled([
      ...callers.map((caller) => caller.run(signal).catch(failing)),
      trouble.run(options, answered, signal).catch(failing),
    ]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    const ended = Date.now();
    const finished = await finish(servers, cluster.url);
    await Promise.all(servers.map((server) => server.end('SIGTERM')));
    const { kills, crashes } = trouble;
    const found = await auditSeason(cluster.url, answered, finished);
    return { ...found, answered, kills, crashes, ms: ended - began, auditMs: Date.now() - ended };
  } catch (error) {
    const logs = servers.map(({ log }) => log().slice(-2000));
    throw new Error(`${(error as Error).message}; the servers' logs end with:\n${logs.join('\n')}`, { cause: error });
  } finally {
    await Promise.all(servers.map((server) => server.end('SIGKILL')));
    await cluster.remove();
  }
}

/** Ends what is open in each engine. */
async function finish(servers: readonly ServerProcess[], url: string): Promise<ReadonlyMap<EngineModel, unknown>> {
  const apis = servers.map(({ address }) => grpcApi(address));
  try {
    const admin = await new Callers(apis[0]!.call, url).headers('admin', '');
    const call: FinishingCall = async (rpc, request, server = 0) => {
      const { status, reason, details, body } = await apis[server]!.call(rpc, request, admin);
      if (status !== 'OK') throw new Error(`${rpc}: ${reason} ${JSON.stringify(details)}`);
      return body;
    };
    const finished = new Map<EngineModel, unknown>();
    for (const engine of SEASON) if (engine.finish !== undefined) finished.set(engine, await engine.finish(call));
    return finished;
  } finally {
    for (const api of apis) api.close();
  }
}

/** Creates the definitions, and the players with their money. */
async function furnish(address: string, url: string, { callers, playersPerCaller }: SeasonOptions): Promise<void> {
  const api = grpcApi(address);
  try {
    const known = new Callers(api.call, url);
    const [admin, service] = [await known.headers('admin', ''), await known.headers('service', '')];
    const done = async (rpc: string, request: JsonObject, headers: Record<string, string>): Promise<void> => {
      const { status, reason, details } = await api.call(rpc, request, headers);
      if (status !== 'OK') throw new Error(`${rpc}: ${reason} ${JSON.stringify(details)}`);
    };
    for (const [rpc, request] of SEASON.flatMap(({ definitions }) => definitions)) await done(rpc, request, admin);
    for (let caller = 0; caller < callers; caller++) {
      const items = Array.from({ length: playersPerCaller }, (_, n) => ({
        source: { kind: 'operator' },
        destination: { kind: 'player', user_id: playerOf(caller, n) },
        asset: 'WINZ',
        amount: String(PURSE),
        idempotency_key: `purse-${caller}-${n}`,
      }));
      await done('LedgerService.BatchTransfer', { items }, service);
    }
  } finally {
    api.close();
  }
}
