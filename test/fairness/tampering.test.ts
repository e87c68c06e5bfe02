import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'vitest';
import { verifyRecord } from '../../src/fairness/verifier/records/verify.ts';
import { recordCases } from './sample-records-2.ts';
import { makeRecordVectors } from './make-record-vectors.ts';
import { judge, recipesOf } from './tampered.ts';
import { sampleFrom } from './tampering.ts';
import { texts } from './texts.ts';
import { pythonSays, serverSays, typeScriptSays } from './verifiers.ts';

test('every verifier accepts a valid proof of every recipe', async () => {
  for (const proof of recordCases) assert.deepEqual(verifyRecord(texts(proof)), [], proof.name);
  const all = recordCases.map((proof) => [proof.name, serverSays(proof), typeScriptSays(proof)]);
  assert.deepEqual(
    all,
    recordCases.map(({ name }) => [name, true, true]),
  );
  assert.ok((await pythonSays(recordCases.map(texts))).every(Boolean));
});

test('the vectors equal the output of this code, and every verifier has the verdict that they state', async () => {
  const vectors = readFileSync(new URL('vectors-2.json', import.meta.url), 'utf8');
  assert.ok(makeRecordVectors() === vectors, 'vectors are for ever: the code has to change back');
  const { proofs, tampered } = JSON.parse(vectors);
  const all = [...proofs, ...tampered].map(({ proof }) => proof);
  const verdicts = await pythonSays(all);
  const expected = all.map((_, i) => i < proofs.length);
  assert.deepEqual(verdicts, expected);
  assert.deepEqual(
    all.map((proof) => verifyRecord(proof).length === 0),
    expected,
  );
});

for (const [recipe, proofs] of recipesOf(recordCases)) {
  test(`no verifier accepts a change of any field of recipe ${recipe}`, async ({ annotate }: TestContext) => {
    const { changes, accepted, taken, stated } = await judge(proofs, sampleFrom);
    assert.deepEqual(accepted, []);
    await annotate(`${recipe}: ${changes - taken} of ${changes} changes refused by each of three verifiers`);
    await annotate(`${recipe}: ${taken} with a new digest change only what is stated: ${stated.join(', ')}`);
  });
}
