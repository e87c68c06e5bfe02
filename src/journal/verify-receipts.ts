import { rootOf } from '../kernel/index.ts';

/** Reads an operator's receipts for `checkReceipt`. */
export const RECEIPTS =
  "select r.tx, encode(r.leaves, 'hex'), encode(r.root, 'hex'), (select count(*) from journal j " +
  'where j.operator_id = r.operator_id and j.tx = r.tx), octet_length(r.signature) from receipt r ' +
  'where r.operator_id = $1 order by r.tx';

/** Notes each receipt whose root does not follow from its leaves, or of which the journal has fewer facts. */
export function checkReceipt(
  [tx, leaves, root, facts, signature]: readonly string[],
  note: (difference: string) => void,
): void {
  const bytes = Buffer.from(leaves!, 'hex');
  const whole = bytes.length > 0 && bytes.length % 32 === 0;
  if (!whole || rootOf(bytes).toString('hex') !== root) note(`receipt ${tx}: its root does not follow from its leaves`);
  if (Number(facts) < bytes.length / 32) note(`receipt ${tx}: the journal has only ${facts} facts of it`);
  if (signature !== '64') note(`receipt ${tx}: it is not signed`);
}
