const FIELD_1 = 0x0a;

/**
 * Counts the successes of a batch's answer without decoding it. In every batch of the contract field 1 holds
 * the results, and of a result field 1 is what was done, field 2 the failure.
 */
export function successes(answer: Buffer): number {
  let count = 0;
  for (let at = 0; at < answer.length;) {
    if (answer[at++] !== FIELD_1) throw new Error('the answer is no list of results');
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = answer[at++]!;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (answer[at] === FIELD_1) count += 1;
    at += length;
  }
  return count;
}
