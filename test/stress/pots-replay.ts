import type { JackpotContributedV2, JackpotWonV2 } from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotEmptied } from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { JackpotModel } from './jackpot-model.ts';
import type { Contribution } from './pots-answered.ts';
import { CommunityModel } from './pots-community.ts';
import { optInName, type Position } from './pots-choices.ts';
import { converted, priceOf, termsOf, type InstanceTerms } from './pots-instances.ts';
import { MovesReplay } from './pots-moves.ts';
import { countryOf } from './pots-patience.ts';
import { RaffleModel } from './pots-raffle-model.ts';
import type { Seen } from './pots-seen.ts';
import { resultText } from './pots-server.ts';
import { WithheldReplay } from './pots-withheld.ts';
import { gameroundOf } from '../../src/engines/jackpot/index.ts';

/** A fact of an instance. */
export interface InstanceFact extends Position {
  readonly sequence: number;
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
  /** Undefined: it is none. */
  readonly raffle: RaffleModel | undefined;
  readonly #community: CommunityModel;
  readonly #seen: Seen;
  readonly #moves: MovesReplay;
  readonly #withheld: WithheldReplay;
  #facts = 0;
  /** The last contribution, whose win may follow. */
  #open: { readonly operation: string; readonly wish: Contribution; readonly place: number; wins: number } | null =
    null;

  constructor(terms: InstanceTerms, seen: Seen) {
    this.terms = terms;
    const selector = terms.selector === 'Highest' ? 'highest' : 'all';
    this.model = new JackpotModel({ ...terms, win_selector: selector });
    this.raffle = terms.raffle && new RaffleModel(terms.raffle);
    this.#community = new CommunityModel(terms.community);
    this.#seen = seen;
    const { model, raffle } = this;
    const [same, note] = [this.#same.bind(this), this.#note.bind(this)];
    const within = { terms, model, raffle, seen, same, note };
    this.#moves = new MovesReplay(within);
    this.#withheld = new WithheldReplay(within, this.#moves);
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
        this.#community.emptied(this.#seen.pots.get(Number((fact.data as PotEmptied).pot))!);
        return this.#moves.emptied(fact);
      case 1112:
        return this.#moves.endowed(fact);
      case 1113:
        return this.#moves.adjusted(fact);
      case 1122:
        return this.#moves.closed(fact);
      case 1660:
      case 1661:
        return this.#withheld.settled(fact);
    }
  }

  #contributed(fact: InstanceFact, data: JackpotContributedV2): void {
    const { instance } = data;
    const wish = this.#seen.wish(instance!.sourceId, fact.operation);
    if (wish?.kind !== 'contribution') return this.#note(fact, 'is a contribution that nobody made');
    const { player, currency, wager } = wish;
    const own = this.#seen.choices.at(optInName(this.terms.id, player), fact, instance!.optIn !== 0n);
    this.#same(fact, 'opt-in', instance!.optIn !== 0n, own !== undefined);
    if (this.terms.optIn && own?.isIn !== true) this.#note(fact, `is of ${player}, who has not opted in`);
    if (this.#isClosed(this.terms, fact)) this.#note(fact, 'is outside the windows');
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
    this.#community.contributed(player, amount);
    this.#open = { wish, operation: fact.operation, place: instance!.place, wins: 0 };
    const tickets = this.raffle?.earn(player, converted(wager, currency, this.terms.asset), amount);
    this.#result(fact, instance!.place, {
      instance: this.terms.id,
      paid,
      won: 0n,
      pot: '',
      withheld: false,
      tickets,
    });
    for (const { place, cause } of instance!.refused) this.#refused(fact, wish, place, cause);
  }

  #result(fact: InstanceFact, place: number, result: Parameters<typeof resultText>[0]): void {
    const results = this.#seen.results.get(fact.operation) ?? [];
    this.#seen.results.set(fact.operation, results);
    if (results[place] !== undefined) this.#note(fact, `is in place ${place} twice`);
    results[place] = resultText(result);
  }

  /** A linked instance has refused it: the first cause that there is, unless it was paused. */
  #refused(fact: InstanceFact, { player }: Contribution, place: number, cause: string): void {
    const linked = termsOf(this.terms.links[place - 1]!);
    this.#seen.results.get(fact.operation)![place] = cause;
    if (cause === 'JackpotNotActive') return;
    const isOut = linked.optIn && this.#seen.choices.at(optInName(linked.id, player), fact, false)?.isIn !== true;
    const should = this.#isClosed(linked, fact) ? 'OutsideSchedule' : isOut ? 'PlayerNotOptedIn' : 'nothing';
    this.#same(fact, `refusal by ${linked.id}`, cause, should);
  }

  #isClosed({ windows }: InstanceTerms, { time }: Position): boolean {
    return windows === true && !this.#seen.windows.isOpen(time);
  }

  #won(fact: InstanceFact, data: JackpotWonV2): void {
    const pot = this.model.pot(data.potCode);
    const open = this.#open?.operation === fact.operation ? this.#open : null;
    const deed = open === null ? this.#moves.deed(fact, data.award.replace('triggered by ', ''), 'trigger') : undefined;
    const player = open?.wish.player ?? (deed?.kind === 'trigger' ? deed.player : '');
    const payment = pot.pay(player);
    const { opening, fromReserve, fromSurplus, deficit } = payment;
    const isOut = (one: string): boolean =>
      this.#seen.choices.at(optInName(this.terms.id, one), fact, true)?.isIn === false;
    const shares = this.#community.won(pot.code, payment.amount, player, open !== null, isOut);
    const amount = shares.reduce((left, share) => left - share.amount, payment.amount);
    this.#same(fact, 'winner', this.#seen.names.get(Number(data.player)), player);
    this.#same(
      fact,
      'payment',
      [data.amount, data.start!.value, data.fromReserve, data.fromSurplus, data.deficit].join(),
      [amount, opening, fromReserve, fromSurplus, deficit].join(),
    );
    const { currency } = open?.wish ?? { currency: this.terms.asset };
    const place = open?.place ?? 0;
    const round = place === 0 ? fact.operation : gameroundOf(fact.operation, this.#seen.idOf(this.terms.id));
    const country = open === null ? '' : countryOf(player);
    const withheld = this.#withheld.won(round, { pot: pot.code, player, amount, currency, country });
    this.#same(fact, 'withheld', data.withheld, withheld);
    this.#withheld.shared(round, pot.code, shares, withheld);
    if (open === null) {
      if (deed?.kind === 'trigger') this.#same(fact, 'pot', pot.code, deed.pot);
      this.#same(fact, 'reason', REASONS[data.reason], 'award');
      this.#seen.results.set(fact.operation, [`${pot.code} ${amount}`]);
      return;
    }
    if (++open.wins > 1) this.#note(fact, 'is the second pot that one contribution wins');
    const results = this.#seen.results.get(fact.operation)!;
    const [instance, paid] = results[place]!.split(' ') as [string, string];
    const won = { instance, paid: BigInt(paid), won: amount, pot: pot.code, withheld, tickets: undefined };
    results[place] = resultText(won);
  }

  #same(fact: InstanceFact, what: string, is: unknown, should: unknown): void {
    if (is !== should) this.#note(fact, `${what} is ${String(is)}, the model says ${String(should)}`);
  }

  #note({ operation }: InstanceFact, what: string): void {
    this.#seen.note(`${this.terms.id} ${this.#facts}, operation ${operation}: ${what}`);
  }
}
