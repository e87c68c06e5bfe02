/**
 * What the chain and the receipts of jackpots cost, by themselves, beside a whole contribution in process: the chain's
 * leaf and its hash; the record, leaf, tree and signature of receipts. The whole is what a lane does for a contribution
 * to three pots that are drawn, in batches, without RPC: CPU time of this process, without that of PostgreSQL.
 *
 *   npm run bench -- chain
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { contributionLeaf, nextLink } from '../../src/fairness/index.ts';
import { Journal } from '../../src/journal/index.ts';
import { give, makeJackpot, pot } from '../engines/jackpot/fixture.ts';
import { register } from '../journal/fixture.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { runSql } from '../support/sql.ts';
import { median } from './case.ts';

const ROUNDS = 9;
const LINKS = 50_000;
const CONTRIBUTIONS = 20_000;
const BATCH = 512;
const UNIT = 1_000_000n;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const micros = (value: number): string => `${value.toFixed(2)} µs`;

/** The CPU time of this process for one of so many, in microseconds. */
async function cpuOf(count: number, run: () => void | Promise<void>): Promise<number> {
  const from = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / count;
}

/** The leaf of a contribution with a wager's id for a client seed, and the next link. */
async function chainCosts(): Promise<{ readonly leaf: number; readonly link: number }> {
  const seed = `${'ab'.repeat(16)}\n0197a6c2-7a51-7000-b0d5-3a1f9c0d2e11`;
  const player = 'cd'.repeat(16);
  const leaves: number[] = [];
  const links: number[] = [];
  let chain = '0'.repeat(64);
  for (let round = 0; round < ROUNDS; round++) {
    let leaf: Buffer = Buffer.alloc(32);
    leaves.push(
      await cpuOf(LINKS, () => {
        for (let i = 0; i < LINKS; i++) leaf = contributionLeaf(seed, player, BigInt(500_000 + i));
      }),
    );
    links.push(
      await cpuOf(LINKS, () => {
        for (let i = 0; i < LINKS; i++) chain = nextLink(chain, leaf);
      }),
    );
  }
  return { leaf: median(leaves)!, link: median(links)! };
}

/** Whole contributions, with receipts and without, in turns. */
async function wholeCosts(): Promise<{ readonly signed: number; readonly unsigned: number }> {
  const cluster = await startOwnCluster();
  const { privateKey } = generateKeyPairSync('ed25519');
  const receipts = {
    nameOf: () => 'demo',
    sign: (text: string) => ({ keyId: '1', signature: sign(null, Buffer.from(text), privateKey) }),
  };
  const fault = (error: unknown): never => {
    throw error;
  };
  const host = { databaseUrl: cluster.url, register, assetCode: () => 'USD', fault };
  const journals = [new Journal({ ...host, receipts }, 1), new Journal(host, 1)];
  try {
    await runSql(cluster.url, "insert into operator (name) values ('demo')");
    const sides = await Promise.all(
      journals.map(async (journal) => ({ journal, jackpot: await makeJackpot(journal, POTS), costs: [] as number[] })),
    );
    for (let round = -1; round < ROUNDS; round++) {
      for (const { journal, jackpot, costs } of sides) {
        const cost = await cpuOf(CONTRIBUTIONS, async () => {
          for (let i = 0; i < CONTRIBUTIONS; i += BATCH)
            await Promise.all(
              Array.from({ length: BATCH }, (_, n) => {
                const clientSeed = `wager-${round}-${i + n}`;
                return give(journal, jackpot, 100 + ((i + n) % 5000), UNIT / 2n, { clientSeed, keys: [] });
              }),
            );
        });
        // The first round warms up.
        if (round >= 0) costs.push((cost * CONTRIBUTIONS) / (Math.ceil(CONTRIBUTIONS / BATCH) * BATCH));
      }
    }
    return { signed: median(sides[0]!.costs)!, unsigned: median(sides[1]!.costs)! };
  } finally {
    await Promise.all(journals.map((journal) => journal.close()));
    await cluster.remove();
  }
}

const POTS = [
  pot({ id: 'mini', share: '0.3', seedShare: '0.1', seed: '10', hitRate: { cost: '0.5', odds: 20_000 } }),
  pot({ id: 'major', share: '0.4', seedShare: '0.2', mustDrop: { kind: 'value', at: '50000' }, externalDrop: false }),
  pot({ id: 'hourly', share: '0.2', seed: '20', mustDrop: { kind: 'time', seconds: 3600 }, externalDrop: false }),
];

const { leaf, link } = await chainCosts();
const { signed, unsigned } = await wholeCosts();
const share = (part: number): string => `${((100 * part) / signed).toFixed(1)} % of a whole contribution`;
print(`a whole contribution in process ${micros(signed)}, without receipts ${micros(unsigned)}`);
print(`chain: leaf ${micros(leaf)}, hash ${micros(link)}; together ${micros(leaf + link)}, ${share(leaf + link)}`);
print(`receipts: ${micros(signed - unsigned)}, ${share(signed - unsigned)}`);
