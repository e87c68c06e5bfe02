import type { PotAdjusted, PotEmptied, PotEndowed } from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import type { JackpotRoundClosed } from '../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import type { JackpotModel } from './jackpot-model.ts';
import type { Deed } from './pots-answered.ts';
import type { InstanceTerms } from './pots-instances.ts';
import type { RaffleModel } from './pots-raffle-model.ts';
import type { InstanceFact } from './pots-replay.ts';
import type { Seen } from './pots-seen.ts';

/** The replay that a part of it belongs to. */
export interface InReplay {
  readonly terms: InstanceTerms;
  readonly model: JackpotModel;
  readonly raffle: RaffleModel | undefined;
  readonly seen: Seen;
  same(fact: InstanceFact, what: string, is: unknown, should: unknown): void;
  note(fact: InstanceFact, what: string): void;
}

/** What moves the money of an instance's pots, and is no contribution. */
export class MovesReplay {
  readonly #in: InReplay;
  /** What is still to come of transfers, by operation. */
  readonly #left = new Map<string, string[]>();

  constructor(within: InReplay) {
    this.#in = within;
  }

  emptied(fact: InstanceFact): void {
    const { terms, model, seen } = this.#in;
    const data = fact.data as PotEmptied;
    const deed = this.noted(fact, 'transfer');
    const pot = model.pot(seen.pots.get(Number(data.pot))!);
    const { value, reserve, surplus } = pot.empty();
    this.#in.same(fact, 'money', [data.value, data.reserve, data.surplus].join(), [value, reserve, surplus].join());
    if (deed?.instance !== terms.id) this.#in.note(fact, `takes from ${terms.id}, not from ${deed?.instance}`);
  }

  /** What the pots got: all of a transfer with its first fact. */
  endowed(fact: InstanceFact): void {
    const { seen } = this.#in;
    const left = this.#left.get(fact.operation) ?? this.#endow(fact);
    const data = fact.data as PotEndowed;
    const is = `${seen.pots.get(Number(data.pot))} ${data.value} ${data.reserve} ${data.surplus}`;
    this.#in.same(fact, 'money', is, left.shift());
    this.#left.set(fact.operation, left);
    seen.results.set(fact.operation, ['done']);
  }

  #endow(fact: InstanceFact): string[] {
    const { terms, model, seen } = this.#in;
    const deed = this.noted(fact, 'transfer');
    if (deed?.kind !== 'transfer') return [];
    this.#in.same(fact, 'target', terms.id, deed.to);
    return (seen.taken.get(fact.operation) ?? []).flatMap((taken) => {
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
        const { value, reserve, surplus } = model.pot(code).endow(share);
        return `${code} ${value} ${reserve} ${surplus}`;
      });
    });
  }

  adjusted(fact: InstanceFact): void {
    const { model, seen } = this.#in;
    const data = fact.data as PotAdjusted;
    const deed = this.noted(fact, 'adjust');
    if (deed?.kind !== 'adjust') return;
    const pot = model.pot(deed.pot);
    if (deed.part === 'value') pot.drawnAt = deed.amount;
    pot[deed.part] = deed.amount;
    const { value, reserve, surplus } = pot;
    const is = [seen.pots.get(Number(data.pot)), data.value, data.reserve, data.surplus].join();
    this.#in.same(fact, 'money', is, [deed.pot, value, reserve, surplus].join());
    if (seen.results.has(fact.operation)) this.#in.note(fact, 'adjusts twice');
    seen.results.set(fact.operation, ['done']);
  }

  /** A round of a raffle ends: of the fact only whether another one begins is believed. */
  closed(fact: InstanceFact): void {
    const { model, raffle, same } = this.#in;
    if (raffle === undefined) return this.#in.note(fact, 'ends a round of what is no raffle');
    const data = fact.data as JackpotRoundClosed;
    const again = data.pots.some(({ start }) => start !== undefined);
    const number = raffle.rounds.length;
    const { tickets, taken } = raffle.close(
      model.pots.map(({ value }) => value),
      again,
    );
    same(fact, `tickets of round ${number}`, data.tickets, tickets);
    const prizes = data.prizes.flatMap(({ amount, winners }) => Array<bigint>(winners).fill(amount));
    same(fact, `prizes of round ${number}`, prizes.join(), raffle.rounds[number - 1]!.amounts.join());
    const pots = model.pots.map((pot, i) => pot.award(taken[i]!, again));
    const should = pots.map(({ toReserve, ...of }) =>
      [of.amount, toReserve, of.fromReserve, of.fromSurplus, of.deficit, of.opening].join(),
    );
    const is = data.pots.map(({ prize, toReserve, fromReserve, fromSurplus, deficit, start }) =>
      [prize, toReserve, fromReserve, fromSurplus, deficit, start?.value ?? 0n].join(),
    );
    same(fact, `pots of round ${number}`, is.join('; '), tickets === 0n ? '' : should.join('; '));
  }

  /** The deed that the changelog tells of a fact. */
  noted(fact: InstanceFact, kind: Deed['kind']): Deed | undefined {
    const tag = this.#in.seen.notes.get(fact.operation);
    if (tag !== undefined) return this.deed(fact, tag, kind);
    this.#in.note(fact, 'is in no changelog');
    return undefined;
  }

  deed(fact: InstanceFact, tag: string, kind: Deed['kind']): Deed | undefined {
    const wish = this.#in.seen.wish(tag, fact.operation);
    if (wish?.kind === kind) return wish;
    this.#in.note(fact, `is a ${kind} that nobody made`);
    return undefined;
  }
}
