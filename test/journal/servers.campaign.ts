/**
 * Random calls to servers that are killed, on a database that is stopped and crashes; then everything is held against
 * the journal and against what clients were told:
 *
 *   node test/journal/servers.campaign.ts [rounds] [seed]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startOwnCluster, type OwnCluster } from '../support/own-cluster.ts';
import { seeded } from '../support/requests.ts';
import { runSql } from '../support/sql.ts';
import { tally } from './acknowledged.ts';
import { audit, furnish, run } from './load.ts';
import { Servers } from './servers.ts';
import type { Exchange } from './traffic.ts';

const ROUNDS = Number(process.argv[2] ?? 10);
const SEED = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const SERVERS = 3;
const CALLS = 8000;

/** Kills servers, and sometimes halts the database, until it is stopped. Resolves with how often it did. */
async function trouble({
  cluster,
  servers,
  random,
  over,
}: {
  cluster: OwnCluster;
  servers: Servers;
  random: () => number;
  over: () => boolean;
}): Promise<number> {
  let halts = 0;
  while (!over()) {
    await sleep(random() * 400);
    if (random() < 0.7) {
      await servers.killOne(random);
      continue;
    }
    await cluster.halt(random() < 0.3 ? 'fast' : 'immediate');
    await sleep(random() * 200);
    await cluster.start();
    halts += 1;
  }
  return halts;
}

async function round(seed: number): Promise<void> {
  const cluster = await startOwnCluster();
  await furnish(cluster.url);
  const random = seeded(seed);
  const servers = new Servers(cluster.url, SERVERS);
  try {
    const told: Exchange[] = [];
    let over = false;
    const troubles = trouble({ cluster, servers, random, over: () => over });
    const started = Date.now();
    await run({ random, calls: CALLS, clients: 100, keyless: 0, ask: (ask) => servers.ask(ask, random), told });
    over = true;
    const halts = await troubles;
    await audit(cluster.url, told);
    const [{ n }] = await runSql(cluster.url, 'select count(distinct tx)::int as n from journal');
    console.log(
      `seed ${seed}: ${told.length} calls in ${((Date.now() - started) / 1000).toFixed(1)} s, ${n} transactions, ` +
        `${servers.kills} kills, ${halts} halts of the database: sound\n  ${tally(told)}`,
    );
  } finally {
    await servers.end();
    await cluster.remove();
  }
}

for (let i = 0; i < ROUNDS; i++) {
  await round(SEED + i).catch((error: unknown) => {
    process.exitCode = 1;
    console.log(`seed ${SEED + i} is NOT sound:`, error);
  });
}
process.exit();
