import assert from 'node:assert/strict';
import { test } from 'vitest';
import { runKills } from './kills.ts';

/** For machines that do much else: it takes some seconds. */
const TIMEOUT_MS = 300_000;

test(
  'every acknowledged open is there once, though servers are killed and PostgreSQL is restarted',
  async (t) => {
    const callers = 16;
    const opensPerCaller = 80;
    const { answered, kills, restarts, opens, acknowledgedFound, sums, verification } = await runKills({
      callers,
      opensPerCaller,
      seed: 7,
      killEveryMs: 400,
    });
    await t.annotate(
      `${opens} opens, ${answered.repeats} repeated keys, ${answered.retries} retries, ` +
        `${kills} kills, ${restarts} restarts`,
    );
    assert.ok(kills > 0 && restarts === 1 && answered.retries > 0, 'nothing went wrong, so nothing was tested');
    assert.deepEqual(answered.contradictions, []);
    assert.equal(answered.opens.size + answered.repeats, callers * opensPerCaller);
    assert.equal(acknowledgedFound, answered.opens.size, 'an acknowledged open is lost, or two keys have one');
    assert.equal(opens, answered.opens.size, 'an open was doubled');
    assert.ok(sums.length > 0 && sums.every((sum) => sum === 0n), 'the ledger is out of balance');
    assert.deepEqual(verification.differences, []);
  },
  TIMEOUT_MS,
);
