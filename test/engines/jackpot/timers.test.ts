import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createSql, until } from '../../../src/db/index.ts';
import { jackpotCatalogue, jackpotDraws, JackpotTimers } from '../../../src/engines/jackpot/index.ts';
import { archiveJackpot } from '../../../src/engines/jackpot/commands/archive.ts';
import type { Jackpot } from '../../../src/engines/jackpot/definition.ts';
import { verifyProof } from '../../../src/fairness/index.ts';
import { accountId, findOperation, type Journal } from '../../../src/journal/index.ts';
import { journalOn, openJournal, options } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { ASSET, differences, give, keys, makeJackpot, money, pot } from './fixture.ts';

const UNIT = 1_000_000n;
const WAIT_MS = 15_000;
const MUST_DROP_TIME = 4;
let url: string;
let journals: Journal[];
let faults: unknown[];
let sql: ReturnType<typeof createSql>;
let timers: JackpotTimers[];
before(async () => {
  const opened = await openJournal();
  ({ url, faults } = opened);
  journals = [opened.journal, journalOn(url, faults)];
  sql = createSql(url, 2);
  // Those of two server processes.
  timers = journals.map((journal) => new JackpotTimers(
    { sql: sql.sql, journal, fault: (error) => { faults.push(error); } }, jackpotCatalogue({ sql: sql.sql })));
});
after(async () => {
  for (const one of timers) await one.stop();
  for (const one of journals) await one.close();
  await sql.close();
});

const timed = (seconds: number): ReturnType<typeof pot> => pot({ externalDrop: false, mustDrop: { kind: 'time', seconds } });
const rowOf = async ({ pots: [only] }: Jackpot) => (await runSql(url,
  'select cycle::int, last_player::int, value, hits::int, due_at < now() as due from jackpot_pot where id = $1', [only!.id]))[0];
const cycleIs = (jackpot: Jackpot, least: number): Promise<boolean> =>
  until(async () => (await rowOf(jackpot)).cycle >= least, WAIT_MS);

/** The only fact of an operation, whose proof holds. */
async function provenFact(operationId: string): Promise<unknown> {
  const [fact] = (await findOperation(sql.sql, 1, operationId))!.facts;
  const draws = jackpotDraws(sql.sql, keys).find(({ kind }) => kind === fact!.kind.name)!;
  const proved = await draws.prove(1, fact!.id, fact!.data);
  assert.deepEqual(proved!.proofs.map((proof) => verifyProof(proof).failures), [[]]);
  return fact!.data;
}

// They wait for seconds to pass: all at once.
describe('timers', { concurrency: true }, () => {
  test('timers pay whoever contributed last once the time is up, once, and verifiably', async () => {
    const [journal] = journals as [Journal];
    const jackpot = await makeJackpot(journal, [timed(3)]);
    // The hidden time may have come already: then the contribution itself wins, and the next cycle is looked at.
    let answer = await give(journal, jackpot, 1, UNIT);
    while (answer.wins.length > 0) answer = await give(journal, jackpot, 1, UNIT);
    const { cycle, value } = await rowOf(jackpot);
    const account = accountId('player', 1, ASSET);
    const balance = async (): Promise<bigint> =>
      BigInt((await runSql(url, 'select balance from account where id = $1', [account]))[0].balance);
    const held = await balance();
    assert.ok(await cycleIs(jackpot, cycle + 1));
    assert.equal(await balance(), held + BigInt(value));
    const [{ recent }] = await runSql(url, 'select recent from jackpot_hits where id = $1', [jackpot.id]);
    const [hit] = JSON.parse(recent) as { operationId: string; reason: number; amount: string }[];
    assert.deepEqual([hit!.reason, hit!.amount], [MUST_DROP_TIME, value]);
    await provenFact(hit!.operationId);
  });

  test('a time that nobody contributed to lapses cycle by cycle, and each hidden moment is proven', async () => {
    const jackpot = await makeJackpot(journals[0]!, [timed(1)]);
    assert.ok(await cycleIs(jackpot, 4));
    const { value, hits, last_player: last } = await rowOf(jackpot);
    assert.deepEqual([value, hits, last], [String(100n * UNIT), 0, 0]);
    const rows = await runSql(url,
      'select operation_id from journal where aggregate_id = $1 and kind = 44 order by aggregate_sequence', [jackpot.id]);
    const cycles: number[] = [];
    for (const { operation_id: id } of rows) {
      const { cycle } = await provenFact(id) as { cycle: bigint };
      cycles.push(Number(cycle));
    }
    assert.deepEqual(cycles, cycles.map((_, i) => i + 1), 'a cycle has ended twice, or never');
    const { rows: held, account } = await money(url, jackpot);
    assert.equal(held, account);
  });

  test('timers leave an archived jackpot alone', async () => {
    const [journal] = journals as [Journal];
    const [archived, witness] = [await makeJackpot(journal, [timed(1)]), await makeJackpot(journal, [timed(1)])];
    await journal.run(archiveJackpot, { id: archived.id }, options());
    const { cycle } = await rowOf(archived);
    const began = (await rowOf(witness)).cycle;
    assert.ok(await until(async () => (await rowOf(archived)).due === true, WAIT_MS));
    assert.ok(await cycleIs(witness, began + 3));
    assert.equal((await rowOf(archived)).cycle, cycle);
  });
});

test('nothing of it was a fault, and the journal folded anew says the same', async () => {
  for (const one of timers) await one.stop();
  assert.deepEqual(faults, []);
  assert.deepEqual(await differences(url), []);
});
