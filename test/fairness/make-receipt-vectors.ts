/*
 * Writes vectors-receipts.json, which every verifier of receipts is tested on:
 *
 *     node test/fairness/make-receipt-vectors.ts
 *
 * Its receipts are valid, under its keys. Of each kind of field there is a tampered one, some with a list of keys of
 * their own. A test compares the file with what this program makes; new cases go to the end.
 */
import { writeFileSync } from 'node:fs';
import { HARMLESS, receiptCases, receiptKeys, tamperedReceipts, type TamperedReceipt } from './sample-receipts.ts';

/** A change of each kind of field. Records have too many: for them there are those of the recipes. */
function* oneOfEach(): Generator<TamperedReceipt> {
  const seen = new Set<string>();
  for (const one of tamperedReceipts) {
    const kind = `${one.path.replace(/^record\..*/, 'record').replace(/\[\d+\]/g, '[]')} ${one.how}`;
    const harmless = HARMLESS.some((pattern) => pattern.test(one.path));
    if (harmless || (one.how !== 'signed' && seen.has(kind))) continue;
    seen.add(kind);
    yield one;
  }
}

/** The file's text: one vector a line. */
export function makeReceiptVectors(): string {
  const lists = {
    keys: receiptKeys,
    receipts: receiptCases.map(({ name, receipt }) => ({ name, receipt })),
    tampered: [...oneOfEach()].map(({ name, path, how, receipt, keys }) => ({
      name,
      path,
      how,
      receipt,
      ...(keys === receiptKeys ? {} : { keys }),
    })),
  };
  const lines = (list: readonly object[]): string => list.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  const texts = Object.entries(lists).map(([name, list]) => `  "${name}": [\n${lines(list)}\n  ]`);
  return `{\n  "algorithm": "windfall/receipt/1",\n${texts.join(',\n')}\n}\n`;
}

if (import.meta.main) writeFileSync(new URL('vectors-receipts.json', import.meta.url), makeReceiptVectors());
