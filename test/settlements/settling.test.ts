import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { test, type TestContext } from 'vitest';
import { createOrm, createReads } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { settlementTask, type Settling } from '../../src/engines/kit/index.ts';
import {
  account,
  accountId,
  verifyOperator,
  type Command,
  type Journal,
  type Transfer,
} from '../../src/journal/index.ts';
import { MICROS_MAX } from '../../src/kernel/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { openSettlement, settlementNeeds, type Payee } from '../../src/settlements/index.ts';
import { journalOn, openJournal, options, register } from '../journal/fixture.ts';
import { runSql } from '../support/sql.ts';

const ASSET = 1;
const [FIRST_PLAYER, ROUND] = [1000, 5];

interface Opening {
  readonly payees: number;
  readonly transfers: readonly Transfer[];
}
/** Stands for an engine's close or cancel. */
const open: Command<Opening, void> = {
  name: 'test.close',
  needs(_, rows) {
    settlementNeeds(ROUND, rows);
    rows.lock(account, accountId('escrow', ROUND, ASSET));
  },
  decide: ({ payees, transfers }, snapshot) => [
    openSettlement({ id: ROUND, definitionId: 3, payees, transfers, task: 'test.settle' }, snapshot),
  ],
  answer: () => undefined,
};

/** Payee n is owed n micro-units. */
const owed = (n: number): Payee => ({
  position: n,
  player: FIRST_PLAYER + n,
  amounts: [{ asset: ASSET, amount: BigInt(n) }],
});
const total = (count: number): bigint => (BigInt(count) * BigInt(count + 1)) / 2n;
const taskFor = (count: number, waitMs = 0): Settling =>
  settlementTask({
    name: 'test.settle',
    async payees(_platform, _operator, _row, position, limit) {
      await sleep(Math.random() * waitMs);
      return Array.from({ length: Math.min(limit, count - position) }, (_, i) => owed(position + i + 1));
    },
  });

interface Stage {
  readonly url: string;
  readonly faults: unknown[];
  readonly platforms: readonly Platform[];
}

/** A round that owes `count` players, and as many servers as are asked for. */
async function stage({ onTestFinished }: TestContext, count: number, servers: number): Promise<Stage> {
  const { url, journal, faults } = await openJournal();
  const orm = createOrm({ databaseUrl: url, databasePool: 4 }, entitiesOf(engines));
  const journals = [journal, ...Array.from({ length: servers - 1 }, () => journalOn(url, faults))];
  onTestFinished(async () => {
    await Promise.all(journals.map((one) => one.close()));
    await orm.close();
  });
  const reads = createReads(orm);
  const transfers = [
    { from: accountId('operator', 0, ASSET), to: accountId('escrow', ROUND, ASSET), amount: total(count) },
  ];
  await journal.run(open, { payees: count, transfers }, options());
  return { url, faults, platforms: journals.map((one: Journal) => ({ reads, journal: one }) as Platform) };
}

async function verified(url: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return [...(await verifyOperator(client, register, 1)).differences];
  } finally {
    await client.end();
  }
}

const KIND = 'id % 32';
/** What is left in escrow, and the players whose balances are not what they are owed. */
async function books(url: string): Promise<{ escrow: string; wrong: number; paid: number }> {
  const [row] = await runSql(
    url,
    `select (select balance from account where id = $1) as escrow,
       count(*) filter (where balance <> id / 16384 - $2)::int as wrong, count(*)::int as paid
     from account where ${KIND} = 0 and balance > 0`,
    [accountId('escrow', ROUND, ASSET), FIRST_PLAYER],
  );
  return row as { escrow: string; wrong: number; paid: number };
}

test('every payee is paid once by three servers whose connections are cut again and again', async (t) => {
  const count = 12_345;
  const { url, faults, platforms } = await stage(t, count, 3);
  let running = true;
  let cuts = 0;
  const cutting = (async () => {
    for (; running; await sleep(Math.random() * 60)) {
      const sql =
        'select pg_terminate_backend(pid) as cut from pg_stat_activity ' +
        "where datname = current_database() and pid <> pg_backend_pid() and query like '%' order by random() limit 1";
      cuts += (await runSql(url, sql)).length;
    }
  })();
  const order = { operator: 1, id: ROUND, at: 0 };
  // As the worker does it: a task that fails is run again.
  const persist = async (platform: Platform): Promise<void> => {
    for (let tries = 0; ; tries++) {
      try {
        return await taskFor(count, 10).run(platform, order);
      } catch (error) {
        if (tries === 1000) throw error;
        await sleep(10);
      }
    }
  };
  await Promise.all(platforms.map(persist));
  running = false;
  await cutting;
  assert.ok(cuts > 5);
  assert.deepEqual(faults, []);
  assert.deepEqual(await books(url), { escrow: '0', wrong: 0, paid: count });
  assert.deepEqual(await verified(url), []);
  const [{ payees }] = await runSql(url, 'select (select paid from settlement)::int as payees');
  assert.equal(payees, count);
  await t.annotate(`${cuts} connections cut`);
});

test('a call settles few payees itself, and begins with many', async (t) => {
  for (const [count, finished] of [
    [0, true],
    [500, true],
    [1999, true],
    [2000, true],
    [2600, false],
  ] as const) {
    const { url, platforms } = await stage(t, count === 0 ? 1 : count, 1);
    const row = await taskFor(count).begin(platforms[0]!, 1, ROUND);
    assert.equal(row.finishedAt !== 0, finished, `${count} payees`);
    assert.equal(row.paid, Math.min(count, 2000));
    // No page is empty, but for one that finds that a settlement owes nothing.
    const [{ pages }] = await runSql(url, 'select count(*)::int as pages from journal where kind = 303');
    assert.equal(pages, Math.max(1, Math.ceil(row.paid / 500)));
    if (finished) continue;
    await taskFor(count).run(platforms[0]!, { operator: 1, id: ROUND, at: 0 });
    assert.deepEqual(await books(url), { escrow: '0', wrong: 0, paid: count });
  }
});

test('a balance that cannot hold its payment stops nobody else, and the amount stays in escrow', async (t) => {
  const { url, platforms } = await stage(t, 10, 1);
  const rich = accountId('player', FIRST_PLAYER + 4, ASSET);
  const full = { from: accountId('operator', 0, ASSET), to: rich, amount: MICROS_MAX };
  await platforms[0]!.journal.run(createTransfer, full, options());
  const row = await taskFor(10).begin(platforms[0]!, 1, ROUND);
  assert.deepEqual([row.paid, row.withheld, row.finishedAt > 0], [10, 1, true]);
  assert.deepEqual(await books(url), { escrow: '4', wrong: 1, paid: 10 });
  assert.deepEqual(await verified(url), []);
});

test('what is opened orders its task in the same transaction', async (t) => {
  const { url } = await stage(t, 3, 1);
  const jobs = await runSql(url, "select key from graphile_worker.jobs where task_identifier = 'test.settle'");
  assert.deepEqual(
    jobs.map(({ key }) => key as string),
    [`test.settle/1/${ROUND}`],
  );
});
