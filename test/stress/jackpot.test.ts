import assert from 'node:assert/strict';
import { test } from 'vitest';
import { runJackpots } from './jackpot-run.ts';

test('jackpots equal a sequential model, though servers are killed and PostgreSQL crashes', async (t) => {
  const { answered, kills, crashes, facts, hits, found, acknowledged, problems } = await runJackpots({
    callers: 6,
    operations: 20_000,
    seed: 7,
    kills: 2,
    crashes: 1,
  });
  await t.annotate(
    `${answered.operations} operations, ${answered.repeats} repeated keys, ${answered.conflicts} conflicts, ` +
      `${answered.refusals} refusals, ${answered.retries} retries, ${facts} facts, ${hits} hits`,
  );
  assert.deepEqual(problems.slice(0, 20), []);
  assert.equal(found, acknowledged);
  assert.ok(kills === 2 && crashes === 1 && answered.retries > 0, 'nothing went wrong, so nothing was tested');
  const tried = [answered.repeats, answered.conflicts, answered.refusals, answered.drops, hits];
  assert.ok(
    tried.every((count) => count > 10),
    'something was not tried',
  );
});
