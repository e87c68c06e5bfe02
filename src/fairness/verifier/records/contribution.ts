import type { Dice } from '../dice.ts';
import { decimal, micros, type Json } from '../json.ts';
import type { Given, Recipe } from './recipe.ts';
import { amount, bool, int, list, nullable, object, text, type Shape } from './shape.ts';
import { restart } from './restart.ts';

const MILLION = 1_000_000n;
const positive: Shape = (value, path) =>
  amount(value, path).length === 0 && value !== '0' ? [] : [`${path}: is not an amount above 0`];
const share: Shape = (value, path) =>
  amount(value, path).length === 0 && micros(value) <= MILLION ? [] : [`${path}: is not a share`];

const terms = object(
  {
    hit_rate: nullable(object({ cost: positive, odds: int(1, 9_000_000_000) })),
    max_step: nullable(amount),
    max_value: nullable(amount),
    min_contribution: amount,
    must_drop_value: nullable(amount),
  },
  { min_base_wager: positive },
);

/** A contribution to a jackpot. */
export const contribution: Recipe = {
  stream: 'jackpot',
  player: true,
  origins: [['start', 'player'], ['request']],
  config: object({
    operator_share: share,
    pots: list(
      object({
        fixed_amount: amount,
        fixed_value: bool,
        fraction: share,
        fund_strategy: text(/^collect_(always|to_seed)$/),
        id: text(),
        next: nullable(terms),
        reseed_strategy: text(/^(full|minimum)$/),
        seed: amount,
        seed_share: share,
        terms,
      }),
      1,
      100,
    ),
    win_selector: text(/^(all|first|lowest|highest)$/),
  }),
  outcome: object(
    {
      amount: positive,
      chain: text(/^[0-9a-f]{64}$/),
      house: amount,
      pots: list(
        object({
          attempts: int(),
          cycle: int(1),
          cycle_contributed: amount,
          drawn_after: amount,
          drawn_before: amount,
          id: text(),
          reserve_after: amount,
          reserve_before: amount,
          value_after: amount,
          value_before: amount,
          won: nullable(
            object({
              by: text(),
              deficit: amount,
              from_reserve: amount,
              from_surplus: amount,
              start: amount,
              surplus_before: amount,
            }),
          ),
        }),
        1,
        100,
      ),
      words: int(),
    },
    { base_wager: amount },
  ),
  compute({ config, outcome, dice }: Given): Json {
    const { pots: configs, win_selector: selector } = config;
    if (configs.length !== outcome.pots.length) throw new Error('outcome.pots: are not those of the config');
    const fractions = configs.reduce((sum: bigint, pot: Json) => sum + micros(pot.fraction), 0n);
    const winnable = configs.some((pot: Json) => pot.terms.hit_rate ?? pot.terms.must_drop_value);
    if (fractions > MILLION || !winnable) throw new Error('config.pots: cannot be');
    const paid = micros(outcome.amount);
    const asked = configs.some((pot: Json) => pot.terms.min_base_wager !== undefined);
    if (asked !== (outcome.base_wager !== undefined)) throw new Error('outcome.base_wager: is not what pots ask for');
    const wager = micros(outcome.base_wager ?? '0');
    const parts = partsOf(paid, configs);
    const pots = configs.map((pot: Json, i: number) => new Pot(pot, outcome.pots[i], [paid, wager], parts[i]!));
    const attempts = pots.reduce((sum: bigint, { whole, rest }: Pot) => sum + whole + (rest > 0n ? 1n : 0n), 0n);
    if (attempts > 10_000n) throw new Error('outcome.amount: buys too many attempts');
    const words = dice(0, outcome.chain);
    let ended = false;
    for (const pot of ordered(pots, selector)) {
      if (ended) pot.passOver();
      else pot.draw(words);
      ended ||= pot.by !== undefined && selector !== 'all';
    }
    return {
      amount: outcome.amount,
      ...(asked ? { base_wager: outcome.base_wager } : {}),
      chain: outcome.chain,
      house: decimal(paid - parts.reduce((sum, part) => sum + part, 0n)),
      pots: pots.map((pot: Pot) => pot.told()),
      words: words.taken,
    };
  },
};

function partsOf(paid: bigint, configs: Json[]): bigint[] {
  let left = paid;
  const fixed = configs.map((pot) => {
    const own = micros(pot.fixed_amount) < left ? micros(pot.fixed_amount) : left;
    left -= own;
    return own;
  });
  return configs.map((pot, i) => (pot.fixed_amount === '0' ? (left * micros(pot.fraction)) / MILLION : fixed[i]!));
}

function ordered(pots: Pot[], selector: string): Pot[] {
  if (selector !== 'lowest' && selector !== 'highest') return pots;
  const rising = (a: Pot, b: Pot): number => (a.after < b.after ? -1 : a.after > b.after ? 1 : 0);
  return pots.toSorted(selector === 'lowest' ? rising : (a, b) => rising(b, a));
}

/** A pot that a contribution meets. */
class Pot {
  config: Json;
  stated: Json;
  part: bigint;
  bound: bigint | undefined;
  u: bigint;
  value: bigint;
  reserve: bigint;
  after: bigint;
  takesPart: boolean;
  /** The wager was too small: it has no weight. */
  barred: boolean;
  whole = 0n;
  rest = 0n;
  attempts = 0;
  by: string | undefined;

  constructor(config: Json, stated: Json, [paid, wager]: [bigint, bigint], part: bigint) {
    const { terms: its, fixed_value: fixed, fund_strategy: fund, seed, seed_share: saves } = config;
    const [before, held] = [micros(stated.value_before), micros(stated.reserve_before)];
    this.config = config;
    this.stated = stated;
    this.part = part;
    this.bound = its.must_drop_value === null ? undefined : micros(its.must_drop_value);
    this.u = micros(stated.drawn_before);
    if (this.u > before || (this.bound === undefined ? this.u !== 0n : this.u >= this.bound))
      throw new Error('outcome.pots: have a drawn_before that cannot be');
    this.barred = wager < micros(its.min_base_wager ?? '0');
    const small = this.barred || paid < micros(its.min_contribution);
    let room = 0n;
    if (fixed !== true && !small) {
      const collects = fund === 'collect_always' || held < micros(seed);
      room = part - (collects ? (part * micros(saves)) / MILLION : 0n);
      const limits = [its.max_value, its.must_drop_value].filter((limit) => limit !== null);
      const most = [...limits.map((limit) => micros(limit) - before), ...(its.max_step ? [micros(its.max_step)] : [])];
      for (const one of most) if (one < room) room = one;
      if (room < 0n) room = 0n;
    }
    this.value = room;
    this.reserve = held + part - room;
    this.after = before + room;
    this.takesPart = !small && this.after > 0n;
    if (its.hit_rate === null || !this.takesPart) return;
    const cost = micros(its.hit_rate.cost);
    [this.whole, this.rest] = [paid / cost, ((paid % cost) * MILLION) / cost];
  }

  draw(words: Dice): void {
    if (!this.takesPart) return;
    const odds = BigInt(this.config.terms.hit_rate?.odds ?? 1);
    let hit = false;
    while (!hit && this.attempts < this.whole) {
      this.attempts++;
      hit = words.uniform(odds) === 0n;
    }
    if (!hit && this.rest > 0n) {
      this.attempts++;
      hit = words.uniform(odds * MILLION) < this.rest;
    }
    if (hit) this.by = 'hit_rate';
    if (hit || this.bound === undefined || this.after === this.u) return;
    if (words.uniform(this.bound - this.u) < this.after - this.u) this.by = 'must_drop_value';
    this.u = this.after;
  }

  /** It was not reached, and stops below its bound. */
  passOver(): void {
    if (this.after !== this.bound || this.value === 0n) return;
    this.after--;
    this.reserve++;
  }

  told(): Json {
    const { cycle, cycle_contributed: sum, drawn_before, reserve_before, value_before, won } = this.stated;
    if (!this.barred && micros(sum) < this.part)
      throw new Error('outcome.pots: have a cycle_contributed that cannot be');
    const { by, reserve } = this;
    return {
      cycle,
      drawn_before,
      reserve_before,
      value_before,
      cycle_contributed: sum,
      attempts: this.attempts,
      drawn_after: decimal(this.u),
      id: this.config.id,
      reserve_after: decimal(reserve),
      value_after: decimal(this.after),
      won: by === undefined ? null : { by, ...restart(this.config, reserve, micros(won?.surplus_before ?? '')) },
    };
  }
}
