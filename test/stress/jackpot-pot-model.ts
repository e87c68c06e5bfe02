/** Pots as the contract describes them: see jackpot-model.ts. */
import type { PotTerms } from './jackpot-catalogue.ts';

const WHOLE = 1_000_000n;

/** Micro-units, or millionths, of a decimal. */
export function micros(text: string): bigint {
  const [units = '0', decimals = ''] = text.split('.');
  return BigInt(units) * WHOLE + BigInt(decimals.padEnd(6, '0'));
}

/** The shortest decimal of micro-units. */
export function decimal(amount: bigint): string {
  const text = String(amount).padStart(7, '0');
  return `${text.slice(0, -6)}.${text.slice(-6)}`.replace(/\.?0+$/, '');
}

export const least = (...amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => (b < a ? b : a));

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
  /** S: what the cycle has brought to the pot, with this one. */
  readonly sum: bigint;
}

/** The money of a pot. */
export interface PotMoney {
  readonly value: bigint;
  readonly reserve: bigint;
  readonly surplus: bigint;
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
  /** u: the value at which it was last drawn. */
  drawnAt: bigint;
  sum = 0n;
  /** Whether the hidden end of its cycle is void. */
  unveiled = false;
  /** Who has fed it in this cycle, each with the sum until then. */
  #fed: { readonly player: string; readonly sum: bigint }[] = [];
  readonly #bound: bigint | null;
  readonly #terms: PotTerms;
  readonly #seed: bigint;
  readonly #cap: bigint | null;

  constructor(terms: PotTerms) {
    this.#terms = terms;
    this.code = terms.id;
    this.#seed = micros(terms.seed ?? '0');
    this.value = micros(terms.initial_seed ?? terms.seed ?? '0');
    this.surplus = micros(terms.surplus_seed ?? '0');
    const [drop] = (terms.win_rules ?? []).flatMap((rule) => ('must_drop_value' in rule ? [rule.must_drop_value] : []));
    this.#bound = drop === undefined ? null : micros(drop.value);
    this.#cap = terms.max_value === undefined ? null : micros(terms.max_value);
    this.drawnAt = this.value;
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

  /** The value that it will have with its part of a contribution, and how much of that would not fit. */
  wouldBe(amount: bigint, part: bigint): { readonly value: bigint; readonly overflow: bigint } {
    const { seed_share: seedShare = '0', fund_strategy: fund, fixed_value: fixed, max_step: step } = this.#terms;
    if (fixed === true || this.#isTooSmall(amount)) return { value: this.value, overflow: 0n };
    const saves = fund === 'collect_always' || this.reserve < this.#seed;
    const saved = saves ? (part * micros(seedShare)) / WHOLE : 0n;
    const limits = [this.#cap, this.#bound].filter((limit) => limit !== null).map((limit) => limit - this.value);
    const kept = least(part - saved, ...limits, ...(step === undefined ? [] : [micros(step)]));
    return { value: this.value + kept, overflow: part - saved - kept };
  }

  /** @param reached whether its turn has come; otherwise it stops below its bound. */
  take(player: string, amount: bigint, part: bigint, reached: boolean): Portion {
    const would = this.wouldBe(amount, part);
    const short = !reached && would.value === this.#bound && would.value > this.value ? 1n : 0n;
    const kept = would.value - this.value - short;
    this.value += kept;
    this.reserve += part - kept;
    this.contributed += part;
    this.overflow += would.overflow + short;
    this.sum += part;
    this.#fed.push({ player, sum: this.sum });
    this.lastPlayer = player;
    if (reached && this.#bound !== null && !this.#isTooSmall(amount)) this.drawnAt = this.value;
    return { value: kept, reserve: part - kept, overflow: would.overflow + short, sum: this.sum };
  }

  #isTooSmall(amount: bigint): boolean {
    return amount < micros(this.#terms.min_contribution ?? '0');
  }

  /** What a contribution that could win it has to say of it: u, or nothing where it has no bound. */
  get drawn(): bigint {
    return this.#bound === null ? 0n : this.drawnAt;
  }

  /** Who has fed it at a point of what the cycle has brought. */
  feederAt(point: bigint): string {
    return this.#fed.find(({ sum }) => sum > point)?.player ?? '';
  }

  /** Pays its whole value, and starts its next cycle. */
  pay(player: string): Payment {
    const payment = this.close(player);
    this.settle(payment.amount);
    return payment;
  }

  /** Counts a payment. */
  settle(amount: bigint): void {
    this.paid += amount;
    this.hits += 1;
  }

  /** Starts its next cycle: its whole value is a player's, and will be paid. */
  close(player: string): Payment {
    const amount = this.value;
    const { cycle } = this;
    const wanted = this.#terms.reseed_strategy === 'minimum' ? this.#seed : this.reserve;
    const fromReserve = least(wanted, this.reserve, ...this.#limits);
    const missing = fromReserve < this.#seed ? this.#seed - fromReserve : 0n;
    const fromSurplus = least(missing, this.surplus);
    const deficit = missing - fromSurplus;
    this.reserve -= fromReserve;
    this.surplus -= fromSurplus;
    this.value = fromReserve + missing;
    this.lapse();
    return { pot: this.code, cycle, player, amount, opening: this.value, fromReserve, fromSurplus, deficit };
  }

  /** A part of its value is won; with what is left of it and its reserve it starts again, if it does. */
  award(prize: bigint, again: boolean): Payment & { readonly toReserve: bigint } {
    if (again && prize > 0n) {
      const toReserve = this.value - prize;
      this.reserve += toReserve;
      this.value = prize;
      return { ...this.pay(''), toReserve };
    }
    this.value -= prize;
    if (prize > 0n) this.settle(prize);
    const nothing = { opening: 0n, fromReserve: 0n, fromSurplus: 0n, deficit: 0n, toReserve: 0n };
    return { pot: this.code, cycle: this.cycle, player: '', amount: prize, ...nothing };
  }

  /** Starts another cycle with the value that it has. */
  lapse(): void {
    this.cycle += 1;
    this.lastPlayer = '';
    this.drawnAt = this.value;
    this.sum = 0n;
    this.#fed = [];
    this.unveiled = false;
  }

  /** Its jackpot has ended, and it is won in a final draw: with its reserve, and it starts with nothing. */
  closeForGood(): bigint {
    const amount = this.value + this.reserve;
    this.value = this.reserve = 0n;
    this.lapse();
    return amount;
  }

  /** Its jackpot has ended, and all of its money goes elsewhere. */
  empty(): PotMoney {
    const { value, reserve, surplus } = this;
    this.value = this.reserve = this.surplus = 0n;
    this.lapse();
    return { value, reserve, surplus };
  }

  /** Gets the money of another pot: of its value as much as it may hold. Returns where it went. */
  endow({ value, reserve, surplus }: PotMoney): PotMoney {
    const room = least(...this.#limits.map((limit) => limit - this.value), value);
    const kept = this.#terms.fixed_value === true || room < 0n ? 0n : room;
    this.value += kept;
    this.reserve += reserve + value - kept;
    this.surplus += surplus;
    this.drawnAt = this.value;
    return { value: kept, reserve: reserve + value - kept, surplus };
  }

  /** How long its cycles are at most, in microseconds; 0: there is no limit. */
  get limit(): { readonly length: number; readonly hidden: boolean } {
    const [rule] = (this.#terms.win_rules ?? []).flatMap((one) =>
      'must_drop_time' in one ? [one.must_drop_time] : [],
    );
    return { length: (rule?.seconds ?? 0) * 1_000_000, hidden: rule?.hidden === true };
  }

  /** What nothing but contributions brings it past: its cap, and halfway from its seed to its bound. */
  get #limits(): bigint[] {
    const middle = this.#bound === null ? null : (this.#seed + this.#bound) / 2n;
    return [this.#cap, middle].filter((limit) => limit !== null);
  }

  get held(): bigint {
    return this.value + this.reserve + this.surplus;
  }
}
