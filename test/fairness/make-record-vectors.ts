/*
 * Writes vectors-2.json, which every verifier of windfall/2 is tested on:
 *
 *     node test/fairness/make-record-vectors.ts
 *
 * Its proofs are valid. Of each kind of field of each recipe there is a tampered one: with a new digest where what was
 * changed can be recomputed, with the old one otherwise. A test compares the file with what this program makes, so that
 * neither changes unnoticed; new cases go to the end. All changes of all fields: tampering.test.ts.
 */
import { writeFileSync } from 'node:fs';
import { recordCases, type RecordCase } from './sample-records-2.ts';
import { STATED, tamperedFrom, type Tampered } from './tampering.ts';
import { texts } from './texts.ts';

/** A change of each kind of field that the other proofs of its recipe did not have. */
function* oneOfEach(proofs: readonly RecordCase[]): Generator<Tampered> {
  const seen = new Set<string>();
  for (const proof of proofs)
    for (const one of tamperedFrom(proof)) {
      const kind = one.path.replace(/\[\d+\]/g, '[]');
      const stated = STATED.some((pattern) => pattern.test(one.path));
      const wanted = !one.path.startsWith('record') || one.how === (stated ? 'text' : 'digest');
      if (!wanted || seen.has(kind)) continue;
      seen.add(kind);
      yield one;
    }
}

/** The file's text: one vector a line. */
export function makeRecordVectors(): string {
  const byRecipe = Map.groupBy(recordCases, ({ name }) => name.split(':')[0]!);
  const proofs = recordCases.map((one) => ({ name: one.name, proof: texts(one) }));
  const tampered = [...byRecipe.values()].flatMap((cases) =>
    [...oneOfEach(cases)].map(({ path, how, proof }) => ({ name: proof.name, path, how, proof: texts(proof) })),
  );
  const lines = (list: readonly object[]): string => list.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  const lists = Object.entries({ proofs, tampered }).map(([name, list]) => `  "${name}": [\n${lines(list)}\n  ]`);
  return `{\n  "algorithm": "windfall/2",\n${lists.join(',\n')}\n}\n`;
}

if (import.meta.main) writeFileSync(new URL('vectors-2.json', import.meta.url), makeRecordVectors());
