import type { Proof } from '../../src/fairness/proof.ts';
import type { Sale } from './sample-proofs.ts';

/** A valid proof. */
export interface Case<Of extends Proof = Proof> {
  readonly name: string;
  readonly proof: Of;
}

export const sales: Sale[] = [
  ['StarlordV7', 3],
  ['gamora', 5],
  ['StarlordV7', 1],
  ['Грут', 1],
];
