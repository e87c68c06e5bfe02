import type { RecordCase } from './sample-records-2.ts';
import { STATED, type Tampered } from './tampering.ts';
import { texts } from './texts.ts';
import { pythonSays, serverSays, typeScriptSays } from './verifiers.ts';

/** What verifiers say of the changes of a recipe's proofs. */
export interface Verdicts {
  readonly changes: number;
  /** Changes that a verifier should have refused: where, and what each said. */
  readonly accepted: readonly string[];
  /** How many change only what is stated, and where. */
  readonly taken: number;
  readonly stated: readonly string[];
}

/** Has every verifier judge changes of proofs. @param choose which of a proof's changes. */
export async function judge(
  proofs: readonly RecordCase[],
  choose: (proof: RecordCase) => Iterable<Tampered>,
): Promise<Verdicts> {
  const tampered = proofs.flatMap((proof) => [...choose(proof)]);
  const python = await pythonSays(tampered.map(({ proof }) => texts(proof)));
  const accepted: string[] = [];
  const stated = new Set<string>();
  let taken = 0;
  tampered.forEach(({ path, how, proof }, i) => {
    const verdicts = [serverSays(proof), typeScriptSays(proof), python[i]];
    if (!verdicts.includes(true)) return;
    const known = how === 'digest' && STATED.some((pattern) => pattern.test(path));
    if (!known || verdicts.includes(false)) accepted.push(`${path} (${how}) of ${proof.name}: ${verdicts.join(' ')}`);
    stated.add(path.replaceAll(/\[\d+\]/g, '[i]'));
    taken++;
  });
  return { changes: tampered.length, accepted, taken, stated: [...stated] };
}

/** A recipe's name and its sample proofs. */
export const recipesOf = (cases: readonly RecordCase[]): Map<string, RecordCase[]> =>
  Map.groupBy(cases, ({ name }) => name.split(':')[0]!);
