import assert from 'node:assert/strict';
import canonicalize from 'canonicalize';
import { afterAll, beforeAll, test } from 'vitest';
import type { Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { payEnd } from '../../../src/engines/jackpot/paying.ts';
import { jackpotDraws } from '../../../src/engines/jackpot/proof.ts';
import { digestOf, QUICKNET, verifyRecord, type RecordProof } from '../../../src/fairness/index.ts';
import { verifyRecord as verifyAlone } from '../../../src/fairness/verifier/records/verify.ts';
import { Ends, timed } from './ends.ts';
import { give, makeJackpot, pot } from './fixture.ts';
import { setStatus } from './platform.ts';

const UNIT = 1_000_000n;
let ends: Ends;
beforeAll(async () => {
  ends = await Ends.open();
});
afterAll(async () => {
  await ends.close();
});

/** What VerifyProof finds. The verifier without dependencies finds something, too, or nothing either. */
function verify(proof: RecordProof): readonly string[] {
  const { failures } = verifyRecord(proof, { entries: [], beacon: QUICKNET });
  assert.equal(verifyAlone(proof).length > 0, failures.length > 0, `${failures.join()}: ${proof.record}`);
  return failures;
}

/** Pays an end, and proves it. */
async function proofOf(ending: bigint): Promise<RecordProof> {
  const [platform] = ends.platforms;
  const { id, time, facts } = await payEnd(platform, 1, Number(ending));
  const [{ kind, id: jackpot, data }] = facts as [(typeof facts)[0]];
  const draws = jackpotDraws(platform).find((one) => one.kind === kind)!;
  const proved = await draws.prove(1, jackpot, data, { operator: 'demo', operation: id, part: 0, time });
  return proved!.records![0]!;
}

async function fed(jackpot: Jackpot): Promise<void> {
  for (let player = 1; player <= 5; player++) await give(ends.journals[0], jackpot, player, BigInt(player) * UNIT);
}

/** The draws of the test: at the end of a time, at a hidden one, and a final one. */
async function makeProofs(): Promise<Record<string, RecordProof>> {
  const [journal] = ends.journals;
  const plain = await makeJackpot(journal, [timed(2)]);
  const hidden = await makeJackpot(journal, [timed(1, { mustDrop: { kind: 'time', seconds: 1, hidden: true } })]);
  const final = await makeJackpot(journal, [pot({ seedShare: '0.5', collect: 'always' })]);
  for (const one of [plain, hidden, final]) await fed(one);
  await setStatus(ends.platforms[0], final, 'archived');
  await ends.due(plain);
  await ends.due(hidden);
  const closes = { plain: await ends.end(plain), hidden: await ends.end(hidden), final: await ends.draw(final) };
  const proofs = Object.entries(closes).map(async ([name, { closed }]) => [name, await proofOf(closed!.ending)]);
  return Object.fromEntries(await Promise.all(proofs)) as Record<string, RecordProof>;
}

test('the ends of pots are proved by records, and whoever changes one is found out', async (t) => {
  const proofs = await makeProofs();
  let [changes, restated] = [0, 0];
  for (const [name, proof] of Object.entries(proofs)) {
    assert.deepEqual(verify(proof), [], name);
    const record = JSON.parse(proof.record) as { player: string; outcome: Record<string, unknown> };
    assert.equal(canonicalize(record), proof.record);
    assert.match(record.player, /^[0-9a-f]{32}$/);
    for (const [member, value] of Object.entries(record.outcome)) {
      for (const other of othersOf(member, value)) {
        const text = canonicalize({ ...record, outcome: { ...record.outcome, [member]: other } })!;
        changes += 1;
        assert.notDeepEqual(verify({ ...proof, record: text }), [], `${name}: ${member}`);
        // What is only stated is covered by the digest alone; all else does not follow from the seed.
        const known = verify({ ...proof, record: text, digest: digestOf(text) });
        if (!STATED.has(member)) assert.notDeepEqual(known, [], `${name}: ${member} is ${JSON.stringify(other)}`);
        else restated += 1;
      }
      const { [member]: _, ...lacking } = record.outcome;
      const text = canonicalize({ ...record, outcome: lacking })!;
      assert.notDeepEqual(verify({ ...proof, record: text, digest: digestOf(text) }), [], `${name} without ${member}`);
    }
    const more = canonicalize({ ...record, outcome: { ...record.outcome, more: 1 } })!;
    assert.notDeepEqual(verify({ ...proof, record: more, digest: digestOf(more) }), []);
  }
  await t.annotate(`${changes} changes found by the digest, ${changes - restated} of them without it`);
});

/** What only the server knows. */
const STATED = new Set(['contribution', 'withheld', 'value', 'reserve', 'close_time', 'due_time']);

/** Other values of a member. */
function othersOf(member: string, value: unknown): unknown[] {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value + 1];
  if (value === null) return [{ from: 0, time: 1, to: 2 }];
  if (typeof value === 'object') return [null, { ...value, time: (value as { time: number }).time + 1 }];
  // The sums around the point are stated, too, but they have to hold it.
  if (member === 'sum_before') return ['999999'];
  if (member === 'end') return [value === 'time' ? 'final' : 'time'];
  if (/^\d+(\.\d+)?$/.test(String(value))) return ['999999', '0.000001'];
  return [flipped(String(value)), ''].filter((other) => other !== value);
}

const flipped = (text: string): string =>
  text === '' ? '2026-01-01T00:00:00.000000Z' : text.replace(/[0-9a-f]/, (digit) => (digit === '1' ? '2' : '1'));
