import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { until } from '../../../src/db/index.ts';
import type { Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { accountId, findOperation, type Journal } from '../../../src/journal/index.ts';
import { journalOn, openJournal, register } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { ASSET, differences, give, makeJackpot, money, pot } from './fixture.ts';
import { setStatus, startTasks, type TaskProcess } from './platform.ts';

const UNIT = 1_000_000n;
const WAIT_MS = 15_000;
const MUST_DROP_TIME = 4;
const LAPSED = 1104;
let url: string;
let journals: Journal[];
let faults: unknown[];
let processes: TaskProcess[];
beforeAll(async () => {
  const opened = await openJournal();
  ({ url, faults } = opened);
  journals = [opened.journal, journalOn(url, faults)];
  // Those of two server processes.
  const fault = (error: unknown): void => {
    faults.push(error);
  };
  processes = await Promise.all(journals.map((journal) => startTasks(url, journal, fault)));
});
afterAll(async () => {
  for (const one of processes) await one.stop();
  for (const one of journals) await one.close();
});

const timed = (seconds: number): ReturnType<typeof pot> =>
  pot({ externalDrop: false, mustDrop: { kind: 'time', seconds } });
const ROW =
  'select cycle::int, last_player::int, value, hits::int, due_at < now() as due ' + 'from jackpot_pot where id = $1';
const rowOf = async ({ pots: [only] }: Jackpot) => (await runSql(url, ROW, [only!.id]))[0];
const cycleIs = (jackpot: Jackpot, least: number): Promise<boolean> =>
  until(async () => (await rowOf(jackpot)).cycle >= least, WAIT_MS);

/** The first fact of an operation. */
async function factOf(operationId: string): Promise<unknown> {
  const operation = await processes[0]!.platform.reads((em) => findOperation(em, register, 1, operationId));
  return operation!.facts[0]!.data;
}

// They wait for seconds to pass: all at once.
describe('timers', { concurrent: true }, () => {
  test('timers end a cycle when its time is up, draw the winner and pay, once', async () => {
    const [journal] = journals as [Journal];
    const jackpot = await makeJackpot(journal, [timed(3)]);
    await give(journal, jackpot, 1, UNIT);
    const { cycle, value } = await rowOf(jackpot);
    const account = accountId('player', 1, ASSET);
    const balance = async (): Promise<bigint> =>
      BigInt((await runSql(url, 'select balance from account where id = $1', [account]))[0]?.balance ?? 0);
    const held = await balance();
    assert.ok(await cycleIs(jackpot, cycle + 1));
    assert.ok(await until(async () => (await rowOf(jackpot)).hits === 1, WAIT_MS));
    assert.equal(await balance(), held + BigInt(value));
    const [{ recent }] = await runSql(url, 'select recent from jackpot_hits where id = $1', [jackpot.id]);
    const [hit] = JSON.parse(recent) as { operationId: string; reason: number; amount: string }[];
    assert.deepEqual([hit!.reason, hit!.amount], [MUST_DROP_TIME, value]);
  });

  test('timers end a cycle at its hidden time, too, and pay', async () => {
    const [journal] = journals as [Journal];
    const hidden = pot({ externalDrop: false, mustDrop: { kind: 'time', seconds: 3, hidden: true } });
    const jackpot = await makeJackpot(journal, [hidden]);
    await give(journal, jackpot, 9, UNIT);
    assert.ok(await until(async () => (await rowOf(jackpot)).hits === 1, WAIT_MS));
    const [{ recent }] = await runSql(url, 'select recent from jackpot_hits where id = $1', [jackpot.id]);
    const [hit] = JSON.parse(recent) as { player: number; reason: number }[];
    assert.deepEqual([hit!.player, hit!.reason], [9, MUST_DROP_TIME]);
  });

  test('a cycle without contributions lapses again and again', async () => {
    const jackpot = await makeJackpot(journals[0]!, [timed(1)]);
    assert.ok(await cycleIs(jackpot, 4));
    const { value, hits, last_player: last } = await rowOf(jackpot);
    assert.deepEqual([value, hits, last], [String(100n * UNIT), 0, 0]);
    const rows = await runSql(
      url,
      'select operation_id, caller from journal where aggregate_id = $1 and kind = $2 ' + 'order by aggregate_sequence',
      [jackpot.id, LAPSED],
    );
    assert.deepEqual(new Set(rows.map(({ caller }) => caller)), new Set(['task']));
    const cycles: number[] = [];
    for (const { operation_id: id } of rows) {
      const { cycle } = (await factOf(id)) as { cycle: bigint };
      cycles.push(Number(cycle));
    }
    assert.deepEqual(
      cycles,
      cycles.map((_, i) => i + 1),
      'a cycle has ended twice, or never',
    );
    const { rows: held, account } = await money(url, jackpot);
    assert.equal(held, account);
  });

  for (const left of ['archived', 'paused'] as const) {
    test(`timers leave a jackpot alone that is ${left}, until it is active again`, async () => {
      const [journal] = journals as [Journal];
      const { platform } = processes[0]!;
      const [jackpot, witness] = [await makeJackpot(journal, [timed(1)]), await makeJackpot(journal, [timed(1)])];
      await setStatus(platform, jackpot, left);
      const { cycle } = await rowOf(jackpot);
      const began = (await rowOf(witness)).cycle;
      assert.ok(await until(async () => (await rowOf(jackpot)).due === true, WAIT_MS));
      assert.ok(await cycleIs(witness, began + 3));
      assert.equal((await rowOf(jackpot)).cycle, cycle);
      await setStatus(platform, jackpot, 'active');
      assert.ok(await cycleIs(jackpot, cycle + 2), 'its time stands still');
    });
  }

  test('a task that a killed process has left is done by another', async () => {
    const jackpot = await makeJackpot(journals[0]!, [timed(2)]);
    const { cycle } = await rowOf(jackpot);
    // As the process that took it would have left it, a minute ago.
    const key = `jackpot.end-cycle/1/${jackpot.pots[0]!.id}`;
    const taken = await runSql(
      url,
      "update graphile_worker._private_jobs set locked_by = 'killed', " +
        "locked_at = now() - interval '61 seconds' where key = $1 returning id",
      [key],
    );
    assert.equal(taken.length, 1);
    assert.ok(await until(async () => (await rowOf(jackpot)).cycle > cycle, 2 * WAIT_MS), 'it is left for hours');
  });

  test('the seed of hits is revealed a day after its first draw', async () => {
    const [journal] = journals as [Journal];
    const jackpot = await makeJackpot(journal, [pot({ hitRate: { cost: '1', odds: 9_000_000_000 } })]);
    const { contributed, time } = await give(journal, jackpot, 2, UNIT);
    await give(journal, jackpot, 2, UNIT);
    const key = `jackpot.reveal-seed/1/${jackpot.id}`;
    const [job] = await runSql(url, 'select run_at from graphile_worker.jobs where key = $1', [key]);
    // JavaScript's dates end at milliseconds.
    assert.equal(job.run_at.getTime(), Math.floor(time / 1000) + 86_400_000);
    // As if a day had passed: the clocks of row and order are moved, and the row's is moved back for the books.
    const stream = jackpot.stream;
    await runSql(url, "update seed_stream set moved_at = moved_at - interval '25 hours' where id = $1", [stream]);
    await runSql(url, 'update graphile_worker._private_jobs set run_at = now() where key = $1', [key]);
    const positionOf = async (): Promise<bigint> =>
      BigInt((await runSql(url, 'select position from seed_stream where id = $1', [stream]))[0].position);
    const next = contributed.draw!.position + 1n;
    assert.ok(await until(async () => (await positionOf()) === next, WAIT_MS), 'it is not revealed');
    assert.equal((await give(journal, jackpot, 2, UNIT)).contributed.draw!.nonce, 0n);
    await runSql(url, "update seed_stream set since = since + interval '25 hours' where id = $1", [stream]);
  });
});

test('there was no internal error, and the folded journal matches', async () => {
  for (const one of processes) await one.stop();
  assert.deepEqual(faults, []);
  assert.deepEqual(await differences(url), []);
});
