/** Consecutive tickets; they are numbered from 0, in the order of their sale. */
export interface TicketRange {
  readonly firstTicket: number;
  /** Above 0. */
  readonly count: number;
}

/** Removed tickets: the first of each range, in order, and how many tickets the ranges before it have together. */
interface Run {
  readonly first: Float64Array;
  /** One more than `first`: the last is the number of all. */
  readonly before: Float64Array;
}

/**
 * The tickets still in a pool: all except some ranges. A look-up takes steps in proportion to the logarithms of the
 * tickets and ranges. So does the removal of a range, on average: 1,000 winners may have many ranges each.
 */
export class TicketsLeft {
  /** How many are left. */
  count: number;
  readonly #total: number;
  /** Each is more than twice as long as the next one, so they are few, and a range is rarely copied to a longer one. */
  readonly #runs: Run[] = [];

  constructor(totalTickets: number) {
    this.count = totalTickets;
    this.#total = totalTickets;
  }

  /** The number of the ticket that has `index` tickets before it in the pool. */
  at(index: number): number {
    let [low, high] = [index, index + this.#total - this.count];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (middle + 1 - this.#removedTo(middle) > index) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** @param ranges in order; none of their tickets was removed before. */
  remove(ranges: readonly TicketRange[]): void {
    let run = runOf(ranges);
    this.count -= run.before.at(-1)!;
    for (let last = this.#runs.at(-1); last !== undefined && last.first.length <= 2 * run.first.length;) {
      run = merged(last, run);
      this.#runs.pop();
      last = this.#runs.at(-1);
    }
    this.#runs.push(run);
  }

  /** How many tickets up to this one, itself included, were removed. */
  #removedTo(ticket: number): number {
    let removed = 0;
    for (const { first, before } of this.#runs) {
      const begun = begunBy(first, ticket);
      if (begun > 0) removed += Math.min(before[begun]!, before[begun - 1]! + ticket + 1 - first[begun - 1]!);
    }
    return removed;
  }
}

function runOf(ranges: readonly TicketRange[]): Run {
  const run = { first: new Float64Array(ranges.length), before: new Float64Array(ranges.length + 1) };
  ranges.forEach(({ firstTicket, count }, i) => {
    run.first[i] = firstTicket;
    run.before[i + 1] = run.before[i]! + count;
  });
  return run;
}

function merged(one: Run, other: Run): Run {
  const length = one.first.length + other.first.length;
  const run = { first: new Float64Array(length), before: new Float64Array(length + 1) };
  for (let [i, j, to] = [0, 0, 0]; to < length; to++) {
    const fromOne = j === other.first.length || (i < one.first.length && one.first[i]! < other.first[j]!);
    const [{ first, before }, at] = fromOne ? [one, i++] : [other, j++];
    run.first[to] = first[at]!;
    run.before[to + 1] = run.before[to]! + before[at + 1]! - before[at]!;
  }
  return run;
}

/** How many ranges begin with this ticket or before it. */
function begunBy(first: Float64Array, ticket: number): number {
  let [low, high] = [0, first.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (first[middle]! <= ticket) low = middle + 1;
    else high = middle;
  }
  return low;
}
