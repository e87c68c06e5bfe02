import type { Proof } from '../../src/fairness/proof.ts';
import { caseOf } from './sample-cases.ts';

/** An invalid proof. */
export interface Tampered {
  readonly name: string;
  /** What a verifier has to name: this field, or one inside it. */
  readonly fails: string;
  readonly proof: object;
}

// Loose on purpose: a forger does not keep to the types.
type Forged = any;

/** A case's proof with a change. */
export function forge(name: string, fails: string, of: string, change: (proof: Forged) => void): Tampered {
  const proof = structuredClone(caseOf<Proof>(of));
  change(proof);
  return { name, fails, proof };
}
