import assert from 'node:assert/strict';
import { test } from 'vitest';
import { runPots } from './pots-run.ts';

/** For machines that do much else: it takes some seconds. */
const TIMEOUT_MS = 300_000;

test(
  'instances of pots equal a sequential model, though servers are killed and PostgreSQL crashes',
  async (t) => {
    const report = await runPots({
      callers: 4,
      playersPerCaller: 10,
      crowd: 20,
      operations: 1500,
      seed: 7,
      kills: 1,
      crashes: 1,
    });
    const { answered, kills, crashes, found, acknowledged, facts, wins, webhooks, problems } = report;
    const { rounds, drawn, withheld, carried, shared } = report;
    const deeds = (kind: string): number =>
      [...answered.sent.values()].filter(({ wish, text }) => wish.kind === kind && text !== '').length;
    const done = [deeds('adjust'), deeds('transfer'), deeds('trigger')];
    await t.annotate(
      `${answered.operations} operations, ${answered.optIns} opt-ins, ${answered.repeats} repeated keys, ` +
        `${answered.conflicts} conflicts, ${answered.refusals} refusals, ${answered.retries} retries, ` +
        `${facts} facts, ${wins} wins, ${done.join(', ')} adjustments, transfers and triggers, ` +
        `${webhooks} called back, ${rounds} rounds with ${drawn} winners, ` +
        `${withheld.join(', ')} wins withheld, released and rejected, ` +
        `${carried} opt-ins carried, ${shared} shares paid`,
    );
    assert.deepEqual(problems.slice(0, 20), []);
    assert.equal(found, acknowledged);
    assert.ok(kills === 1 && crashes === 1 && answered.retries > 0, 'nothing went wrong, so nothing was tested');
    const tried = [
      ...done,
      answered.optIns,
      answered.repeats,
      answered.conflicts,
      answered.refusals,
      webhooks,
      drawn,
      ...withheld,
      carried,
      shared,
    ];
    assert.ok(
      tried.every((count) => count > 0),
      'something was not tried',
    );
  },
  TIMEOUT_MS,
);
