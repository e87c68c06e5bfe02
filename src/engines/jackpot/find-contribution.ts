import type { Micros } from '../../kernel/index.ts';

/** A contribution with the running sum of a pot's cycle. */
export interface FedAt {
  /** Its sequence among the jackpot's facts. */
  readonly sequence: number;
  /** What the cycle had brought to the pot, with it. */
  readonly sum: Micros;
}

/**
 * The first contribution of a cycle whose running sum exceeds a point, by bisection: about 2 + log₂ n look-ups for n
 * facts. Undefined if there is none.
 * @param from the sequence of the fact that began the cycle. @param to that of the fact that ended it.
 * @param upTo finds the newest contribution of the jackpot whose sequence is at most a given one.
 */
export async function findContribution<Fed extends FedAt>(
  point: Micros,
  from: number,
  to: number,
  upTo: (sequence: number) => Promise<Fed | undefined>,
): Promise<Fed | undefined> {
  // Sums never fall within a cycle: those up to `low` do not exceed the point, `found` does.
  let low = from;
  const last = await upTo(to - 1);
  if (last === undefined || last.sequence <= from || last.sum <= point) return undefined;
  let found = last;
  while (found.sequence - low > 1) {
    const middle = low + Math.floor((found.sequence - low) / 2);
    const fed = await upTo(middle);
    if (fed !== undefined && fed.sequence > low && fed.sum > point) found = fed;
    else low = middle;
  }
  return found;
}
