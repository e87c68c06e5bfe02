import { setTimeout as sleep } from 'node:timers/promises';
import { verifyRecord } from '../../src/fairness/verifier/records/verify.ts';
import { grpcApi } from '../support/api.ts';
import { runSql } from '../support/sql.ts';
import { giveBack } from './trouble.ts';

/** A minute of looks: a cycle's time, and a wide margin. */
const PATIENCE = 300;
const SAMPLE = 200;
const UNFINISHED =
  "select (select count(*) from jackpot_pot_end where operator_id = 1 and paid_at = 'epoch') + " +
  "(select count(*) from jackpot_pot where operator_id = 1 and due_at > 'epoch' and sum > 0) as count";
const PAID = 'select operation_id as id from journal where operator_id = 1 and kind = 1108 order by 1';

/**
 * Waits until all that was brought to pots that end by time is drawn, and all that was drawn is paid. Returns whether
 * it is, in the end.
 */
export async function allPaid(url: string): Promise<boolean> {
  for (let turn = 1; turn <= PATIENCE; turn++, await sleep(200)) {
    if (Number((await runSql(url, UNFINISHED))[0].count) === 0) return true;
    if (turn % 20 !== 0) continue;
    await giveBack(url);
    // What has failed waits longer each time: for minutes, after some crashes.
    await runSql(url, 'update graphile_worker._private_jobs set run_at = now() where attempts > 0 and run_at > now()');
  }
  return false;
}

/** Has a sample of the ends proved and verified. Returns their records by operation. */
export async function provedEnds(url: string, address: string): Promise<Map<string, string>> {
  const ends = await runSql(url, PAID);
  const step = Math.max(1, Math.floor(ends.length / SAMPLE));
  const { call, close } = grpcApi(address);
  const records = new Map<string, string>();
  for (const { id } of ends.filter((_, i) => i % step === 0)) {
    const { body, reason } = await call('FairnessService.GetProof', { draw_id: id }, SERVICE);
    if (reason !== null) throw new Error(`end ${id} has no proof: ${reason}`);
    const [proof] = (body as any).record_proofs;
    const failures = verifyRecord(proof);
    if (failures.length > 0) throw new Error(`the proof of end ${id} does not hold: ${failures.join('; ')}`);
    records.set(id, proof.record);
  }
  close();
  return records;
}

const SERVICE = { authorization: 'Bearer wf_test_demo' };
