import assert from 'node:assert/strict';
import { runOnce } from 'graphile-worker';
import pg from 'pg';
import { test, type TestContext } from 'vitest';
import { endCycleTask } from '../../../src/engines/jackpot/end-cycle.ts';
import type { Journal } from '../../../src/journal/index.ts';
import { openJournal } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { makeJackpot, pot } from './fixture.ts';

const [FEW, MANY] = [1000, 100_000];
const POTS = 20;

interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The look-up by which graphile-worker finds a job of a task, taken from its own lips. */
async function lookUpOf(connectionString: string): Promise<Query> {
  const pool = new pg.Pool({ connectionString, max: 2 });
  pool.on('error', () => undefined);
  const asked: Query[] = [];
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    const query = client.query.bind(client) as (...all: unknown[]) => unknown;
    Object.assign(client, {
      query(first: unknown, ...rest: unknown[]) {
        const { name, text, values } = first as Query & { name?: string };
        if (name?.startsWith('get_job') === true) asked.push({ text, values });
        return query(first, ...rest);
      },
    });
  });
  await runOnce({ pgPool: pool, taskList: { [endCycleTask.name]: () => undefined }, noPreparedStatements: false });
  await pool.end();
  return asked[0]!;
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

interface Measured {
  /** Pages that were looked at. */
  readonly buffers: number;
  readonly found: number;
  /** How the jobs are read: `Index Scan jobs_main_index`. */
  readonly scans: readonly string[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

const isScan = (node: Plan): boolean =>
  node['Relation Name'] === '_private_jobs' && node['Node Type'] !== 'ModifyTable';

/**
 * Looks a job up as a worker would, and lets it lie: with a plan for these values, and with the one that PostgreSQL
 * keeps for a prepared statement. Of each the second time counts: the first pays for what nobody has looked at yet.
 */
async function measure(client: pg.Client, { text, values: [pool, tasks] }: Query): Promise<Measured> {
  await client.query(`prepare look_up(text, int4[]) as ${text}`);
  const plans: Plan[] = [];
  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    await client.query(`set plan_cache_mode = ${mode}`);
    const [, second] = [await explain(client, pool, tasks), await explain(client, pool, tasks)];
    plans.push(second);
  }
  await client.query('deallocate look_up');
  const scans = plans
    .flatMap(nodesOf)
    .filter(isScan)
    .map((node) => `${node['Node Type']} ${node['Index Name'] ?? ''}`.trim());
  return {
    buffers: Math.max(...plans.map((plan) => plan['Shared Hit Blocks'] + plan['Shared Read Blocks'])),
    found: Math.max(...plans.map((plan) => plan['Actual Rows'])),
    scans: [...new Set(scans)],
  };
}

async function explain(client: pg.Client, pool: unknown, tasks: unknown): Promise<Plan> {
  await client.query('begin');
  const run = `execute look_up('${String(pool)}', '{${String(tasks)}}')`;
  const {
    rows: [row],
  } = await client.query(`explain (analyze, buffers, format json) ${run}`);
  await client.query('rollback');
  const [{ Plan: plan }] = row['QUERY PLAN'] as [{ Plan: Plan }];
  return plan;
}

/** Inserts this many waiting orders to end cycles, as lanes insert them, besides the real ones of a jackpot. */
async function fill(url: string, journal: Journal, count: number): Promise<void> {
  const pots = Array.from({ length: POTS }, (_, i) =>
    pot({ id: `p${i}`, share: '0.01', externalDrop: false, mustDrop: { kind: 'time', seconds: 3600 } }),
  );
  await makeJackpot(journal, pots);
  // In one call: add_job in a statement keeps the plan that it made for an empty table, and scans for each job.
  await runSql(
    url,
    `select count(*) from graphile_worker.add_jobs(array(
    select row('${endCycleTask.name}', json_build_object('operator', 1, 'id', n, 'at', 0), null,
      now() + interval '1 minute' + n * interval '1 second', 10000, '${endCycleTask.name}/1/' || n, null, null
    )::graphile_worker.job_spec from generate_series(1000000, 1000000 + $1) n))`,
    [count - POTS - 1],
  );
  const [{ waiting }] = await runSql(
    url,
    'select count(*)::int as waiting from graphile_worker.jobs where run_at > now()',
  );
  assert.equal(waiting, count);
}

/** One of the pots is due now. */
const makeDue = (url: string): Promise<unknown> =>
  runSql(
    url,
    'update graphile_worker._private_jobs ' +
      'set run_at = now() where id = (select max(id) / 2 from graphile_worker._private_jobs)',
  );

async function measureAll(t: TestContext, count: number): Promise<readonly Measured[]> {
  const { url, journal } = await openJournal();
  const lookUp = await lookUpOf(url);
  await fill(url, journal, count);
  await journal.close();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.onTestFinished(() => client.end());
  const all: Measured[] = [];
  for (const analyzed of [false, true]) {
    // Autovacuum comes when it likes: before it there are no statistics.
    if (analyzed) await client.query('vacuum analyze graphile_worker._private_jobs');
    all.push(await measure(client, lookUp));
  }
  await makeDue(url);
  all.push(await measure(client, lookUp));
  await client.query('vacuum analyze graphile_worker._private_jobs');
  all.push(await measure(client, lookUp));
  return all;
}

test('the due pot is found by an index, and a hundred times as many waiting ones cost no more', async (t) => {
  const [few, many] = [await measureAll(t, FEW), await measureAll(t, MANY)];
  const cases = ['none is due, no statistics', 'none is due', 'one is due', 'one is due, after a vacuum'];
  for (const [i, name] of cases.entries()) {
    const [less, more] = [few[i]!, many[i]!];
    await t.annotate(
      `${name}: ${less.buffers} pages of ${FEW} jobs, ${more.buffers} of ${MANY}: ${more.scans.join(', ')}`,
    );
    const due = name.startsWith('one') ? 1 : 0;
    assert.deepEqual([less.found, more.found], [due, due]);
    assert.ok(
      more.scans.every((scan) => /^Index (Only )?Scan |^Tid/.test(scan)),
      `${name}: ${more.scans.join(', ')}`,
    );
    assert.ok(more.buffers <= 2 * less.buffers, `${name}: ${more.buffers} pages, not ${less.buffers}`);
  }
});
