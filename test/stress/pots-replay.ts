import type { PotAdjusted, PotEmptied, PotEndowed } from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import type { JackpotContributedV2, JackpotWonV2 } from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import { JackpotModel } from './jackpot-model.ts';
import { optInName, type Contribution, type Deed } from './pots-answered.ts';
import { converted, priceOf, type InstanceTerms } from './pots-instances.ts';
import type { Seen } from './pots-seen.ts';
import { resultText } from './pots-server.ts';

/** A fact of an instance. */
export interface InstanceFact {
  readonly sequence: number;
  readonly operation: string;
  readonly kind: number;
  readonly data: unknown;
}

const REASONS: Readonly<Record<number, string>> = { 2: 'hit', 3: 'value', 5: 'award' };

/**
 * Runs the model of one instance along its journal. Of a fact it believes only that it happened, in this place, and
 * which pot chance has won; who called with what comes from the callers, and all amounts from the model.
 */
export class InstanceReplay {
  readonly terms: InstanceTerms;
  readonly model: JackpotModel;
  readonly #seen: Seen;
  #facts = 0;
  /** The last contribution, whose win may follow. */
  #open: { readonly operation: string; readonly wish: Contribution; readonly place: number; wins: number } | null =
    null;

  constructor(terms: InstanceTerms, seen: Seen) {
    this.terms = terms;
    const selector = terms.selector === 'Highest' ? 'highest' : 'all';
    this.model = new JackpotModel({ ...terms, win_selector: selector });
    this.#seen = seen;
  }

  take(fact: InstanceFact): void {
    this.#facts += 1;
    this.#same(fact, 'sequence', fact.sequence, this.#facts);
    switch (fact.kind) {
      case 1102:
        return this.#contributed(fact, fact.data as JackpotContributedV2);
      case 1103:
        return this.#won(fact, fact.data as JackpotWonV2);
      case 1111:
        return this.#emptied(fact, fact.data as PotEmptied);
      case 1112:
        return this.#endowed(fact);
      case 1113:
        return this.#adjusted(fact, fact.data as PotAdjusted);
    }
  }

  #contributed(fact: InstanceFact, data: JackpotContributedV2): void {
    const { instance } = data;
    const wish = this.#seen.wish(instance!.sourceId, fact.operation);
    if (wish?.kind !== 'contribution') return this.#note(fact, 'is a contribution that nobody made');
    const { player, currency, wager, choices } = wish;
    const own = choices[this.terms.id];
    if (this.terms.optIn && own?.isIn !== true) this.#note(fact, `is of ${player}, who has not opted in`);
    const { paid, amount } = priceOf(this.terms, wager, currency, own?.isIn === true ? own.preferred : 0n);
    this.#same(fact, 'paid', instance!.paid, paid);
    this.#same(fact, 'player', this.#seen.names.get(Number(data.player)), player);
    const won = new Set(data.pots.flatMap(({ wonBy }, i) => (wonBy === 0 ? [] : [this.model.pots[i]!.code])));
    const { house, portions } = this.model.contribute(player, amount, won);
    this.#same(fact, 'house', data.house, house);
    const text = (pots: readonly { value: bigint; reserve: bigint; overflow: bigint }[]): string =>
      pots.map(({ value, reserve, overflow }) => `${value} ${reserve} ${overflow}`).join();
    this.#same(fact, 'pots', text(data.pots), text(portions));
    const share = BigInt(Math.round(Number(this.terms.operator_share) * 1e6));
    const operators = (of: bigint): bigint => (of * share) / 1_000_000n;
    const cost = currency === this.terms.asset ? amount - operators(amount) : paid - operators(paid);
    this.#seen.gain(player, currency, -cost);
    if (own !== undefined) {
      const name = optInName(this.terms.id, player);
      const counts = this.#seen.counts.get(name) ?? { contributions: 0, contributed: 0n };
      this.#seen.counts.set(name, {
        contributions: counts.contributions + 1,
        contributed: counts.contributed + amount,
      });
    }
    this.#open = { wish, operation: fact.operation, place: instance!.place, wins: 0 };
    const results = this.#seen.results.get(fact.operation) ?? [];
    this.#seen.results.set(fact.operation, results);
    if (results[instance!.place] !== undefined) this.#note(fact, `is in place ${instance!.place} twice`);
    results[instance!.place] = resultText(this.terms.id, paid, 0n, '');
    for (const { place, cause } of instance!.refused) {
      const linked = this.terms.links[place - 1]!;
      results[place] = cause;
      if (cause === 'PlayerNotOptedIn' ? choices[linked]?.isIn === true : cause !== 'JackpotNotActive')
        this.#note(fact, `is refused by ${linked}: ${cause}`);
    }
  }

  #won(fact: InstanceFact, data: JackpotWonV2): void {
    const pot = this.model.pot(data.potCode);
    const open = this.#open?.operation === fact.operation ? this.#open : null;
    const deed = open === null ? this.#deed(fact, data.award.replace('triggered by ', ''), 'trigger') : undefined;
    const player = open?.wish.player ?? (deed?.kind === 'trigger' ? deed.player : '');
    const payment = pot.pay(player);
    const { amount, opening, fromReserve, fromSurplus, deficit } = payment;
    this.#same(fact, 'winner', this.#seen.names.get(Number(data.player)), player);
    this.#same(
      fact,
      'payment',
      [data.amount, data.start!.value, data.fromReserve, data.fromSurplus, data.deficit].join(),
      [amount, opening, fromReserve, fromSurplus, deficit].join(),
    );
    if (open === null) {
      if (deed?.kind === 'trigger') this.#same(fact, 'pot', pot.code, deed.pot);
      this.#same(fact, 'reason', REASONS[data.reason], 'award');
      this.#seen.results.set(fact.operation, [`${pot.code} ${amount}`]);
      return this.#seen.gain(player, this.terms.asset, amount);
    }
    if (++open.wins > 1) this.#note(fact, 'is the second pot that one contribution wins');
    const { currency } = open.wish;
    this.#seen.gain(player, currency, converted(amount, this.terms.asset, currency));
    const results = this.#seen.results.get(fact.operation)!;
    const [instance, paid] = results[open.place]!.split(' ') as [string, string];
    results[open.place] = resultText(instance, BigInt(paid), amount, pot.code);
  }

  #emptied(fact: InstanceFact, data: PotEmptied): void {
    const deed = this.#noted(fact, 'transfer');
    const pot = this.model.pot(this.#seen.pots.get(Number(data.pot))!);
    const { value, reserve, surplus } = pot.empty();
    this.#same(fact, 'money', [data.value, data.reserve, data.surplus].join(), [value, reserve, surplus].join());
    if (deed?.instance !== this.terms.id) this.#note(fact, `takes from ${this.terms.id}, not from ${deed?.instance}`);
  }

  /** What the pots got: all of a transfer with its first fact. */
  #endowed(fact: InstanceFact): void {
    const results = this.#seen.results.get(fact.operation) ?? [];
    const left = this.#left.get(fact.operation) ?? this.#endow(fact);
    const data = fact.data as PotEndowed;
    const is = `${this.#seen.pots.get(Number(data.pot))} ${data.value} ${data.reserve} ${data.surplus}`;
    this.#same(fact, 'money', is, left.shift());
    this.#left.set(fact.operation, left);
    this.#seen.results.set(fact.operation, results.length > 0 ? results : ['done']);
  }

  /** What is still to come of transfers, by operation. */
  readonly #left = new Map<string, string[]>();

  #endow(fact: InstanceFact): string[] {
    const deed = this.#noted(fact, 'transfer');
    if (deed?.kind !== 'transfer') return [];
    this.#same(fact, 'target', this.terms.id, deed.to);
    return (this.#seen.taken.get(fact.operation) ?? []).flatMap((taken) => {
      const { to } = deed.rules.find(({ from }) => from === taken.pot)!;
      const left = { ...taken };
      return to.map(([code, part], i) => {
        const of = (whole: bigint, rest: bigint): bigint => (i === to.length - 1 ? rest : (whole * part) / 1_000_000n);
        const share = {
          value: of(taken.value, left.value),
          reserve: of(taken.reserve, left.reserve),
          surplus: of(taken.surplus, left.surplus),
        };
        left.value -= share.value;
        left.reserve -= share.reserve;
        left.surplus -= share.surplus;
        const { value, reserve, surplus } = this.model.pot(code).endow(share);
        return `${code} ${value} ${reserve} ${surplus}`;
      });
    });
  }

  #adjusted(fact: InstanceFact, data: PotAdjusted): void {
    const deed = this.#noted(fact, 'adjust');
    if (deed?.kind !== 'adjust') return;
    const pot = this.model.pot(deed.pot);
    if (deed.part === 'value') pot.drawnAt = deed.amount;
    pot[deed.part] = deed.amount;
    const { value, reserve, surplus } = pot;
    const is = [this.#seen.pots.get(Number(data.pot)), data.value, data.reserve, data.surplus].join();
    this.#same(fact, 'money', is, [deed.pot, value, reserve, surplus].join());
    if (this.#seen.results.has(fact.operation)) this.#note(fact, 'adjusts twice');
    this.#seen.results.set(fact.operation, ['done']);
  }

  #noted(fact: InstanceFact, kind: Deed['kind']): Deed | undefined {
    const tag = this.#seen.notes.get(fact.operation);
    if (tag !== undefined) return this.#deed(fact, tag, kind);
    this.#note(fact, 'is in no changelog');
    return undefined;
  }

  #deed(fact: InstanceFact, tag: string, kind: Deed['kind']): Deed | undefined {
    const wish = this.#seen.wish(tag, fact.operation);
    if (wish?.kind === kind) return wish;
    this.#note(fact, `is a ${kind} that nobody made`);
    return undefined;
  }

  #same(fact: InstanceFact, what: string, is: unknown, should: unknown): void {
    if (is !== should) this.#note(fact, `${what} is ${String(is)}, the model says ${String(should)}`);
  }

  #note({ operation }: InstanceFact, what: string): void {
    this.#seen.note(`${this.terms.id} ${this.#facts}, operation ${operation}: ${what}`);
  }
}
