import type { Spread as Message } from '../../../gen/ts/windfall/common/v1/simulations.ts';
import { formatDecimal, type Micros } from '../../kernel/index.ts';

/** More different amounts are counted together, rounded down. */
const DIFFERENT_MAX = 100_000;

/** How amounts are distributed. */
export class Spread {
  #counts = new Map<Micros, number>();
  #grain = 1n;
  #count = 0;
  #sum = 0n;
  #least: Micros | undefined;
  #most = 0n;

  add(amount: Micros): void {
    const rounded = amount - (amount % this.#grain);
    this.#counts.set(rounded, (this.#counts.get(rounded) ?? 0) + 1);
    this.#count += 1;
    this.#sum += amount;
    if (this.#least === undefined || amount < this.#least) this.#least = amount;
    if (amount > this.#most) this.#most = amount;
    if (this.#counts.size > DIFFERENT_MAX) this.#coarsen();
  }

  get sum(): Micros {
    return this.#sum;
  }

  #coarsen(): void {
    this.#grain *= 10n;
    const counts = new Map<Micros, number>();
    for (const [amount, count] of this.#counts) {
      const rounded = amount - (amount % this.#grain);
      counts.set(rounded, (counts.get(rounded) ?? 0) + count);
    }
    this.#counts = counts;
  }

  message(): Message {
    const sorted = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    /** The least amount that at least `share` of all do not exceed. */
    const percentile = (thousandths: number): string => {
      let seen = 0;
      const found = sorted.find(([, count]) => (seen += count) * 1000 >= this.#count * thousandths);
      return formatDecimal(found?.[0] ?? 0n);
    };
    return {
      mean: formatDecimal(this.#count === 0 ? 0n : this.#sum / BigInt(this.#count)),
      least: formatDecimal(this.#least ?? 0n),
      p50: percentile(500),
      p90: percentile(900),
      p99: percentile(990),
      p999: percentile(999),
      most: formatDecimal(this.#most),
    };
  }
}
