import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runJackpots } from './jackpot-run.ts';

test('jackpots equal a sequential model, though servers are killed and PostgreSQL crashes', async (t) => {
  const { told, kills, crashes, facts, hits, found, acknowledged, problems } = await runJackpots({
    callers: 6, operations: 20_000, seed: 7, kills: 2, crashes: 1,
  });
  t.diagnostic(`${told.operations} operations, ${told.repeats} repeated keys, ${told.conflicts} conflicts, `
    + `${told.refusals} refusals, ${told.retries} retries, ${facts} facts, ${hits} hits`);
  assert.deepEqual(problems.slice(0, 20), []);
  assert.equal(found, acknowledged);
  assert.ok(kills === 2 && crashes === 1 && told.retries > 0, 'nothing went wrong, so nothing was tested');
  const tried = [told.repeats, told.conflicts, told.refusals, told.drops, hits];
  assert.ok(tried.every((count) => count > 10), 'something was not tried');
});
