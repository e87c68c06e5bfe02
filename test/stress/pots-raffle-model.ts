/** Raffles of instances as the contract describes them, one contribution after another: see jackpot-model.ts. */
import { least, micros } from './jackpot-pot-model.ts';

export interface RaffleTerms {
  readonly cost: string;
  /** Wagers earn tickets; otherwise what is contributed. */
  readonly ofWager: boolean;
  /** How long a round is. */
  readonly seconds: number;
  /** How many winners share which part of each pot, in the order in which they are drawn. */
  readonly winners: readonly (readonly [count: number, share: string])[];
}

/** What a player has of a round. */
interface Held {
  tickets: bigint;
  /** What counts for the next ticket. */
  carried: bigint;
}

/** A round: the players by their tickets, and after its end what each winner gets. */
export class RoundModel {
  tickets = 0n;
  readonly held = new Map<string, Held>();
  readonly #entries: { readonly end: bigint; readonly player: string }[] = [];
  /** By winner, in the order in which they are drawn. */
  amounts: readonly bigint[] = [];

  earn(player: string, cost: bigint, spent: bigint): bigint {
    const before = this.held.get(player) ?? { tickets: 0n, carried: 0n };
    const all = before.carried + spent;
    const earned = all / cost;
    this.held.set(player, { tickets: before.tickets + earned, carried: all - earned * cost });
    this.tickets += earned;
    if (earned > 0n) this.#entries.push({ player, end: this.tickets });
    return earned;
  }

  /** Whose ticket it is. */
  ownerOf(ticket: bigint): string {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#entries[middle]!.end > ticket) high = middle;
      else low = middle + 1;
    }
    return this.#entries[low]?.player ?? '';
  }
}

export class RaffleModel {
  readonly terms: RaffleTerms;
  /** All that have ended; the current one is the last. */
  readonly rounds = [new RoundModel()];

  constructor(terms: RaffleTerms) {
    this.terms = terms;
  }

  /** A contribution. Returns the tickets that it earns. */
  earn(player: string, wager: bigint, amount: bigint): bigint {
    return this.#current.earn(player, micros(this.terms.cost), this.terms.ofWager ? wager : amount);
  }

  /** The current round ends. Returns its tickets, and what its winners take of each pot. @param again for another. */
  close(values: readonly bigint[], again: boolean): { readonly tickets: bigint; readonly taken: readonly bigint[] } {
    const round = this.#current;
    const taken = values.map(() => 0n);
    const amounts: bigint[] = [];
    for (const [count, share] of this.terms.winners) {
      const parts = values.map((value) => (value * micros(share)) / (1_000_000n * BigInt(count)));
      const winners = least(BigInt(count), round.tickets - BigInt(amounts.length));
      for (let i = 0n; i < winners; i++) {
        amounts.push(parts.reduce((sum, part) => sum + part, 0n));
        parts.forEach((part, pot) => (taken[pot]! += part));
      }
    }
    round.amounts = amounts;
    if (again) this.rounds.push(new RoundModel());
    return { tickets: round.tickets, taken };
  }

  get #current(): RoundModel {
    return this.rounds.at(-1)!;
  }
}
