import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyFile } from '../../src/tools/apply.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { lastingPort, startServer, type ServerProcess } from '../support/service.ts';
import { audit, type Audit } from './jackpot-audit.ts';
import { runCallers } from './jackpot-callers.ts';
import { allPaid, provedEnds } from './jackpot-proofs.ts';
import { runWardens } from './jackpot-wardens.ts';
import { catalogueFile } from './jackpot-catalogue.ts';
import { AnsweredCalls } from './jackpot-answered.ts';
import { Trouble } from './trouble.ts';

export interface JackpotOptions {
  readonly callers: number;
  readonly operations: number;
  /** How many contributions are sent together at the most. */
  readonly messageMax: number;
  /** In how many operations each of the wardens ends a jackpot. */
  readonly endEvery: number;
  readonly seed: number;
  /** How often a server is killed with SIGKILL. */
  readonly kills: number;
  /** How often PostgreSQL crashes. */
  readonly crashes: number;
  readonly signal?: AbortSignal;
}

export interface JackpotReport extends Audit {
  readonly answered: AnsweredCalls;
  readonly kills: number;
  readonly crashes: number;
  /** Ends of cycles whose proofs were verified. */
  readonly proofs: number;
  /** Of the load, and of all checks after it. */
  readonly ms: number;
  readonly auditMs: number;
}

/**
 * Callers contribute and drop, and jackpots end and begin again, while two servers are killed and PostgreSQL crashes.
 * Then everything stored is held against a sequential model and against what the callers were told.
 */
export async function runJackpots(options: JackpotOptions): Promise<JackpotReport> {
  const cluster = await startOwnCluster();
  const servers: ServerProcess[] = [];
  try {
    const ports = [await lastingPort(), await lastingPort()];
    for (const port of ports) servers.push(await startServer(cluster.url, { GRPC_PORT: String(port) }));
    await furnish(servers[0]!.address);
    const answered = new AnsweredCalls();
    const began = Date.now();
    const trouble = new Trouble(cluster, servers, ports);
    await runTogether(options, answered, trouble, servers);
    const ended = Date.now();
    if (!(await allPaid(cluster.url)))
      answered.contradictions.push('a pot whose time is up is not drawn, or what was drawn is not paid');
    const proofs = await provedEnds(cluster.url, servers[0]!.address);
    await Promise.all(servers.map((server) => server.end('SIGTERM')));
    const { kills, crashes } = trouble;
    return {
      answered,
      kills,
      crashes,
      ms: ended - began,
      proofs: proofs.size,
      ...(await audit(cluster.url, answered, proofs)),
      auditMs: Date.now() - ended,
    };
  } catch (error) {
    const logs = servers.map(({ log }) => log().slice(-2000));
    throw new Error(`${(error as Error).message}; the servers' logs end with:\n${logs.join('\n')}`, { cause: error });
  } finally {
    await Promise.all(servers.map((server) => server.end('SIGKILL')));
    await cluster.remove();
  }
}

async function furnish(address: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'windfall-jackpots-'));
  try {
    const file = join(folder, 'catalogue.yaml');
    writeFileSync(file, catalogueFile());
    await applyFile({ file, address, userName: 'demo', password: 'demo' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs callers, wardens and trouble until they are done; if one fails the other is stopped first. */
async function runTogether(
  options: JackpotOptions,
  answered: AnsweredCalls,
  trouble: Trouble,
  servers: readonly ServerProcess[],
): Promise<void> {
  const { callers, operations, messageMax, endEvery, seed, signal } = options;
  const stop = new AbortController();
  const either = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
  const failing = (error: unknown): never => {
    stop.abort(error);
    throw error;
  };
  const addresses = servers.map(({ address }) => address);
  const outcomes = await Promise.allSettled([
    runCallers({ addresses, callers, operations, messageMax, seed, answered, signal: either }).catch(failing),
    runWardens({ addresses, operations, endEvery, seed, answered, signal: either }).catch(failing),
    trouble.run(options, answered, either).catch(failing),
  ]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
