import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnCluster } from '../support/own-cluster.ts';
import { seeded } from '../support/requests.ts';
import { startServer, type ServerProcess } from '../support/service.ts';
import { runSql } from '../support/sql.ts';

export interface TroubleOptions {
  /** Of all callers together. */
  readonly operations: number;
  readonly seed: number;
  /** How often a server is killed with SIGKILL. */
  readonly kills: number;
  /** How often PostgreSQL crashes. */
  readonly crashes: number;
}

/** What is done before each trouble, and after it. */
export interface Moments {
  before(): Promise<unknown>;
  after(): Promise<unknown>;
}

/** As if a minute had passed: tasks of servers that were killed are taken over. Those that run are run twice. */
export const giveBack = (url: string): Promise<unknown> =>
  runSql(
    url,
    'update graphile_worker._private_jobs set locked_at = null, locked_by = null where locked_at is not null',
  );

/** Ends servers and PostgreSQL at moments that the seed chooses, counted in operations. */
export class Trouble {
  kills = 0;
  crashes = 0;
  readonly #cluster: OwnCluster;
  readonly #servers: ServerProcess[];
  readonly #ports: readonly number[];

  constructor(cluster: OwnCluster, servers: ServerProcess[], ports: readonly number[]) {
    this.#cluster = cluster;
    this.#servers = servers;
    this.#ports = ports;
  }

  async run(
    { operations, seed, kills, crashes }: TroubleOptions,
    answered: { readonly operations: number },
    signal: AbortSignal,
    moments?: Moments,
  ): Promise<void> {
    const random = seeded(seed);
    const events = Array.from({ length: kills + crashes }, (_, i) => ({
      at: operations * (0.03 + random() * 0.8),
      crash: i >= kills,
      victim: Math.floor(random() * this.#servers.length),
    })).sort((a, b) => a.at - b.at);
    for (const { at, crash, victim } of events) {
      while (answered.operations < at) {
        signal.throwIfAborted();
        await sleep(5);
      }
      for (const { process, log } of this.#servers) {
        if (process.exitCode !== null) throw new Error(`a server has ended by itself: ${log()}`);
      }
      await moments?.before();
      await (crash ? this.#crash() : this.#kill(victim));
      await giveBack(this.#cluster.url);
      await moments?.after();
    }
  }

  async #crash(): Promise<void> {
    await this.#cluster.halt('immediate');
    await this.#cluster.start();
    this.crashes += 1;
  }

  async #kill(victim: number): Promise<void> {
    await this.#servers[victim]!.end('SIGKILL');
    this.kills += 1;
    this.#servers[victim] = await startServer(this.#cluster.url, { GRPC_PORT: String(this.#ports[victim]) });
  }
}
