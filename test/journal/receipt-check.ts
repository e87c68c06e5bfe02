import { verifyReceipt } from '../../src/fairness/verifier/receipt.ts';
import type { Call } from '../support/api.ts';

/** A receipt as GetReceipt shows it. */
export interface Receipt {
  readonly record: string;
  readonly digest: string;
  readonly index: number;
  readonly size: number;
  readonly path: readonly string[];
  readonly root: string;
  readonly operator_id: string;
  readonly epoch: string;
  readonly time: string;
  readonly key_id: string;
  readonly signature: string;
}

/** The keys that GetReceiptKeys lists. */
export async function keysOf(call: Call): Promise<readonly object[]> {
  const { body } = await call('FairnessService.GetReceiptKeys', {});
  return (body as { keys: object[] }).keys;
}

/** Whether a receipt proves its record, by what SPECIFICATION.md says. */
export const holds = (receipt: Receipt, keys: readonly object[]): boolean =>
  verifyReceipt(receipt, [...keys]).length === 0;
