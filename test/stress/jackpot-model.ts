/**
 * Jackpots as the contract describes them, one call after another, in whole micro-units: written without the engine's
 * rules, so that both must be wrong in the same way to agree.
 */
import type { JackpotTerms, PotTerms } from './jackpot-catalogue.ts';

const WHOLE = 1_000_000n;

/** Micro-units, or millionths, of a decimal. */
export function micros(text: string): bigint {
  const [units = '0', decimals = ''] = text.split('.');
  return BigInt(units) * WHOLE + BigInt(decimals.padEnd(6, '0'));
}

const least = (...amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => (b < a ? b : a));

/** What a pot paid, and what it started its next cycle with. */
export interface Payment {
  readonly pot: string;
  readonly cycle: number;
  readonly player: string;
  readonly amount: bigint;
  readonly opening: bigint;
  readonly fromReserve: bigint;
  readonly fromSurplus: bigint;
  readonly deficit: bigint;
}

/** What a contribution brought to a pot. */
export interface Portion {
  readonly value: bigint;
  readonly reserve: bigint;
  readonly overflow: bigint;
}

export class PotModel {
  readonly code: string;
  value: bigint;
  reserve = 0n;
  surplus: bigint;
  contributed = 0n;
  overflow = 0n;
  paid = 0n;
  hits = 0;
  cycle = 1;
  lastPlayer = '';
  readonly #terms: PotTerms;
  readonly #seed: bigint;
  readonly #caps: readonly bigint[];

  constructor(terms: PotTerms) {
    this.#terms = terms;
    this.code = terms.id;
    this.#seed = micros(terms.seed ?? '0');
    this.value = micros(terms.initial_seed ?? terms.seed ?? '0');
    this.surplus = micros(terms.surplus_seed ?? '0');
    const drops = (terms.win_rules ?? []).flatMap((rule) =>
      'must_drop_value' in rule ? [rule.must_drop_value.value] : [],
    );
    this.#caps = [terms.max_value, ...drops].filter((cap) => cap !== undefined).map(micros);
  }

  /** What it takes of each contribution, whatever its amount. */
  get fixed(): bigint {
    return micros(this.#terms.fixed_amount ?? '0');
  }

  /** What it takes of what the fixed amounts leave of a contribution. */
  fractionOf(left: bigint): bigint {
    const { fraction, fixed_amount: amount } = this.#terms;
    return amount === undefined ? (left * micros(fraction ?? '1')) / WHOLE : 0n;
  }

  /** Takes its part of a contribution. Returns what became of it. */
  take(player: string, part: bigint): Portion {
    const { seed_share: seedShare = '0', fund_strategy: fund, fixed_value: fixed } = this.#terms;
    const saves = fund === 'collect_always' || this.reserve < this.#seed;
    const saved = saves ? (part * micros(seedShare)) / WHOLE : 0n;
    const kept = fixed === true ? 0n : least(part - saved, ...this.#caps.map((cap) => cap - this.value));
    this.value += kept;
    this.reserve += part - kept;
    this.contributed += part;
    const overflow = fixed === true ? 0n : part - saved - kept;
    this.overflow += overflow;
    this.lastPlayer = player;
    return { value: kept, reserve: part - kept, overflow };
  }

  /** Pays its whole value, and starts its next cycle. */
  pay(player: string): Payment {
    const amount = this.value;
    const { cycle } = this;
    const wanted = this.#terms.reseed_strategy === 'minimum' ? this.#seed : this.reserve;
    const fromReserve = least(wanted, this.reserve, ...this.#caps);
    const missing = fromReserve < this.#seed ? this.#seed - fromReserve : 0n;
    const fromSurplus = least(missing, this.surplus);
    const deficit = missing - fromSurplus;
    this.reserve -= fromReserve;
    this.surplus -= fromSurplus;
    this.value = fromReserve + missing;
    this.paid += amount;
    this.hits += 1;
    this.lapse();
    return { pot: this.code, cycle, player, amount, opening: this.value, fromReserve, fromSurplus, deficit };
  }

  /** Starts another cycle with the value that it has. */
  lapse(): void {
    this.cycle += 1;
    this.lastPlayer = '';
  }

  get held(): bigint {
    return this.value + this.reserve + this.surplus;
  }
}

export class JackpotModel {
  readonly terms: JackpotTerms;
  readonly pots: readonly PotModel[];
  house = 0n;
  contributions = 0;
  contributed = 0n;

  constructor(terms: JackpotTerms) {
    this.terms = terms;
    this.pots = terms.pots.map((pot) => new PotModel(pot));
  }

  pot(code: string): PotModel {
    const pot = code === '' && this.pots.length === 1 ? this.pots[0] : this.pots.find((one) => one.code === code);
    if (pot === undefined) throw new Error(`${this.terms.id} has no pot ${code}`);
    return pot;
  }

  /** Divides a contribution. Returns what each pot got of it; what they left is the house's. */
  contribute(player: string, amount: bigint): { readonly house: bigint; readonly portions: readonly Portion[] } {
    let left = amount;
    const fixed = this.pots.map((pot) => {
      const part = least(pot.fixed, left);
      left -= part;
      return part;
    });
    const portions = this.pots.map((pot, i) => pot.take(player, fixed[i]! + pot.fractionOf(left)));
    const house = portions.reduce((left, { value, reserve }) => left - value - reserve, amount);
    this.house += house;
    this.contributions += 1;
    this.contributed += amount;
    return { house, portions };
  }

  /** What the pots would pay now. */
  get pool(): bigint {
    return this.pots.reduce((sum, { value }) => sum + value, 0n);
  }

  /** The balance of its account. */
  get balance(): bigint {
    return this.pots.reduce((sum, { held }) => sum + held, this.house);
  }
}
