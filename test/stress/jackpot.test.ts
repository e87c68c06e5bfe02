import assert from 'node:assert/strict';
import { test } from 'vitest';
import { runJackpots } from './jackpot-run.ts';

/** Tasks of a server that was killed are taken over after more than a minute. */
const TIMEOUT_MS = 300_000;

test(
  'jackpots equal a sequential model, though servers are killed and PostgreSQL crashes',
  async (t) => {
    const { answered, kills, crashes, facts, hits, found, acknowledged, drawn, proofs, problems } = await runJackpots({
      callers: 6,
      operations: 6000,
      messageMax: 90,
      endEvery: 2000,
      seed: 7,
      kills: 2,
      crashes: 1,
    });
    await t.annotate(
      `${answered.operations} operations, ${answered.repeats} repeated keys, ${answered.conflicts} conflicts, ` +
        `${answered.refusals} refusals, ${answered.retries} retries, ${facts} facts, ${hits} hits, ` +
        `${answered.drops} drops, ${answered.awards} awards, ${answered.archives} archives, ` +
        `${answered.draws} final draws, ${answered.transfers} transfers, ${drawn} ends, ${proofs} proofs`,
    );
    assert.deepEqual(problems.slice(0, 20), []);
    assert.equal(found, acknowledged);
    assert.ok(kills === 2 && crashes === 1 && answered.retries > 0, 'nothing went wrong, so nothing was tested');
    const tried = [answered.repeats, answered.conflicts, answered.refusals, answered.drops, answered.awards, hits];
    const ended = [answered.archives, answered.draws, answered.transfers, drawn - answered.draws, proofs];
    assert.ok(tried.every((count) => count > 10) && ended.every((count) => count > 2), 'something was not tried');
  },
  TIMEOUT_MS,
);
