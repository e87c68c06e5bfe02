import assert from 'node:assert/strict';
import { test } from 'vitest';
import { runSeason } from './season-run.ts';

test('all engines equal their sequential models, though servers are killed and PostgreSQL crashes', async (t) => {
  const { answered, kills, crashes, found, acknowledged, byEngine, problems } = await runSeason({
    callers: 6,
    playersPerCaller: 20,
    operations: 5000,
    seed: 7,
    kills: 2,
    crashes: 1,
  });
  await t.annotate(
    `${answered.operations} operations, ${answered.repeats} repeated keys, ${answered.conflicts} conflicts, ` +
      `${answered.refusals} refusals, ${answered.retries} retries; in the journal: ${JSON.stringify(byEngine)}`,
  );
  assert.deepEqual(problems.slice(0, 20), []);
  assert.equal(found, acknowledged);
  assert.ok(kills === 2 && crashes === 1 && answered.retries > 0, 'nothing went wrong, so nothing was tested');
  const tried = [answered.repeats, answered.conflicts, answered.refusals, ...Object.values(byEngine)];
  assert.ok(
    tried.every((count) => count > 3),
    'something was not tried',
  );
});
