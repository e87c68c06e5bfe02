import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { until } from '../../../src/db/index.ts';
import { runSql } from '../../support/sql.ts';
import { Stage } from './stage.ts';

const DAY_MS = 86_400_000;
const WAIT_MS = 60_000;
/** More than a page of the task. */
const PLAYERS = 2300;

const today = (): number => Math.floor(Date.now() / DAY_MS);
const name = (i: number): string => `sleeper-${String(i).padStart(4, '0')}`;

/** Makes players, whose last activity was today. */
async function makePlayers(stage: Stage): Promise<void> {
  for (let from = 0; from < PLAYERS; from += 1000) {
    const items = Array.from({ length: Math.min(1000, PLAYERS - from) }, (_, i) => ({
      user_id: name(from + i),
      trigger: 'nothing',
      idempotency_key: `made-${from + i}`,
    }));
    await stage.done('JourneyService.BatchFireEvent', 'service', { items });
  }
}

/** Sets when the look-up is due, with its order, as if no server had run since. */
async function setDue(stage: Stage, day: number): Promise<void> {
  const at = day * DAY_MS * 1000;
  await runSql(stage.url, 'update journey_board set due_at = to_timestamp($1::float8)', [at / 1_000_000]);
  await runSql(
    stage.url,
    'update graphile_worker._private_jobs set run_at = now(), ' +
      "payload = json_build_object('operator', 1, 'id', 1, 'at', $1::int8) where key = 'journey.tell-dormant/1/1'",
    [at],
  );
}

const TOLD =
  'select p.user_id, g.steps::int from journey_progress g join player p on p.id = g.player_id ' +
  "join journey j on j.place = split_part(g.code, '/', 1)::int order by p.user_id";

test('dormant players are told once for their seventh day, over missed days, kills and two servers', async (t) => {
  const stage = await Stage.open(2);
  t.onTestFinished(() => stage.close());
  await stage.create('back', { steps: [{ trigger: 'dormant_7d' }, { trigger: 'dormant_7d' }], reward_winz: 5 });
  await makePlayers(stage);
  // The days of their last activity: today − 5 … today − 10.
  await runSql(
    stage.url,
    'update player_activity a set day = $1 - 5 - p.nth % 6 from (select id, ' +
      "substr(user_id, 9)::int as nth from player where user_id like 'sleeper-%') p where p.id = a.player_id",
    [today()],
  );
  const excluded = { user_id: name(2), kind: 'cool_off', end_time: '2035-01-01T00:00:00Z' };
  await stage.done('PlayerService.ExcludePlayer', 'admin', excluded);
  await setDue(stage, today() - 2);
  const ended = async (): Promise<boolean> => {
    const [row] = await runSql(stage.url, 'select extract(epoch from due_at)::int8 as due from journey_board');
    return Number(row.due) === ((today() + 1) * DAY_MS) / 1000;
  };
  for (let i = 0; i < 6 && !(await ended()); i++) {
    await sleep(300);
    await stage.kill(i % 2);
    await stage.start(i % 2);
  }
  // As if a minute had passed: then the tasks of killed servers are given back.
  await runSql(stage.url, "update graphile_worker._private_jobs set locked_at = locked_at - interval '1 minute'");
  assert.ok(await until(ended, WAIT_MS), 'the look-up did not end');
  // Told for the days today − 2, today − 1 and today: last active 9, 8 and 7 days ago.
  const expected = Array.from({ length: PLAYERS }, (_, i) => i)
    .filter((i) => [2, 3, 4].includes(i % 6) && i !== 2)
    .map((i) => ({ user_id: name(i), steps: 1 }));
  assert.deepEqual(await runSql(stage.url, TOLD), expected);
  const [{ days }] = await runSql(
    stage.url,
    'select max(day) as days from player_activity a join player p on p.id = a.player_id ' +
      "where p.user_id like 'sleeper-%'",
  );
  assert.equal(days, today() - 5, 'being told is no activity');
  assert.deepEqual((await stage.verify()).differences, []);
});
