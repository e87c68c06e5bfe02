import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createOrm, createReads, migrate, startPostgres } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { lootboxOpened } from '../../src/engines/lootbox/operations/open-lootbox.ts';
import { trialBalance, verifyOperator, type Verification } from '../../src/journal/index.ts';
import { entitiesOf, registerOf } from '../../src/schema.ts';
import { applyFile } from '../../src/tools/apply.ts';
import { seeded } from '../support/requests.ts';
import { lastingPort, startServer, type ServerProcess } from '../support/service.ts';
import { runOpens, type Acknowledged } from './opens.ts';

const DEMO = new URL('../../src/tools/demo.yaml', import.meta.url).pathname;

export interface KillOptions {
  readonly callers: number;
  readonly opensPerCaller: number;
  readonly seed: number;
  /** Between two kills of a server, on average. */
  readonly killEveryMs: number;
}

export interface KillReport {
  readonly answered: Acknowledged;
  readonly kills: number;
  readonly restarts: number;
  readonly ms: number;
  /** Opens in the journal, and those of them that were acknowledged to a caller. */
  readonly opens: number;
  readonly acknowledgedFound: number;
  readonly sums: readonly bigint[];
  readonly verification: Verification;
}

/**
 * Callers open boxes, repeating calls that fail with their keys and some that did not, while two servers are killed
 * with SIGKILL in turn, and PostgreSQL is restarted once. Afterwards the journal is counted.
 */
export async function runKills({ callers, opensPerCaller, seed, killEveryMs }: KillOptions): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'windfall-kills-'));
  const random = seeded(seed);
  let postgres = await startPostgres({ folder });
  const url = postgres.url;
  const servers: ServerProcess[] = [];
  try {
    const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
    try {
      await migrate(orm);
    } finally {
      await orm.close();
    }
    const ports = [await lastingPort(), await lastingPort()];
    for (const port of ports) servers.push(await startServer(url, { GRPC_PORT: String(port) }));
    await applyFile({ file: DEMO, address: servers[0]!.address, userName: 'demo', password: 'demo' });
    const began = Date.now();
    const trouble = new Trouble(servers, ports, url, random, killEveryMs, async () => {
      await postgres.stop();
      postgres = await startPostgres({ folder });
    });
    const answered = await runOpens({
      addresses: servers.map(({ address }) => address),
      callers,
      opensPerCaller,
      repeats: 0.1,
      lootbox: 'welcome-box',
      random,
    });
    await trouble.end();
    const { kills, restarts } = trouble;
    return { answered, kills, restarts, ms: Date.now() - began, ...(await count(url, answered)) };
  } finally {
    await Promise.all(servers.map((server) => server.end('SIGKILL')));
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Kills one server after the other until it is stopped, and restarts PostgreSQL once. */
class Trouble {
  kills = 0;
  restarts = 0;
  #ended = false;
  readonly #done: Promise<void>;

  constructor(
    servers: ServerProcess[],
    ports: readonly number[],
    url: string,
    random: () => number,
    everyMs: number,
    restart: () => Promise<void>,
  ) {
    this.#done = this.#run(servers, ports, url, random, everyMs, restart);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#done;
  }

  async #run(
    servers: ServerProcess[],
    ports: readonly number[],
    url: string,
    random: () => number,
    everyMs: number,
    restart: () => Promise<void>,
  ): Promise<void> {
    for (let turn = 0; ; turn++) {
      await sleep(everyMs * (0.5 + random()));
      // The load decides when it is over; there is always at least one kill and one restart.
      if (this.#ended && this.kills > 0 && this.restarts > 0) return;
      if (turn === 1) {
        await restart();
        this.restarts += 1;
        continue;
      }
      const victim = turn % servers.length;
      await servers[victim]!.end('SIGKILL');
      this.kills += 1;
      servers[victim] = await startServer(url, { GRPC_PORT: String(ports[victim]) });
    }
  }
}

async function count(
  url: string,
  { opens }: Acknowledged,
): Promise<Pick<KillReport, 'opens' | 'acknowledgedFound' | 'sums' | 'verification'>> {
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      'select operation_id as id from journal where operator_id = 1 and kind = $1',
      [lootboxOpened.number],
    );
    const stored = new Set(rows.map(({ id }) => id));
    const acknowledgedFound = new Set([...opens.values()].filter((id) => stored.has(id))).size;
    const balances = await createReads(orm)((em) => trialBalance(em, 1));
    const sums = [...balances.values()].map((kinds) => [...kinds.values()].reduce((a, b) => a + b, 0n));
    const verification = await verifyOperator(client, registerOf(engines), 1);
    return { opens: stored.size, acknowledgedFound, sums, verification };
  } finally {
    await client.end();
    await orm.close();
  }
}
