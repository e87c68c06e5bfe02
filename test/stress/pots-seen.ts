import type { PotMoney } from './jackpot-pot-model.ts';
import type { AnsweredPots, Wish } from './pots-answered.ts';
import type { ChoicesModel, Position } from './pots-choices.ts';
import type { Places } from './pots-server.ts';
import type { Windows } from './pots-windows.ts';
import type { WithheldModel } from './pots-withheld.ts';

type Given = Pick<Seen, 'answered' | 'notes' | 'taken' | 'names' | 'pots' | 'rounds' | 'choices'> & {
  readonly places: Places;
};

/** What was seen of the journal of all instances. */
export class Seen {
  readonly answered: AnsweredPots;
  /** The tags of adjustments and transfers, by operation, as the changelogs have them. */
  readonly notes: ReadonlyMap<string, string>;
  /** What transfers took, by operation, in the order of the pots. */
  readonly taken: ReadonlyMap<string, readonly (PotMoney & { readonly pot: string })[]>;
  /** Players' numbers and names. */
  readonly names: ReadonlyMap<number, string>;
  readonly pots: ReadonlyMap<number, string>;
  /** The game rounds of withheld wins, by the numbers of their rows. */
  readonly rounds: ReadonlyMap<number, string>;
  readonly choices: ChoicesModel;
  readonly windows: Windows;
  /** The results of contributions by operation and place, and what deeds came to. */
  readonly results = new Map<string, string[]>();
  /** The operations of tags. */
  readonly operations = new Map<string, string>();
  /** What players gained, by player and currency. */
  readonly gains = new Map<string, bigint>();
  /** What counts of opt-ins, by `optInName`. */
  readonly counts = new Map<string, { contributions: number; contributed: bigint }>();
  /** The results that are called back, by tag. */
  readonly called = new Map<string, readonly string[]>();
  /** When they were. */
  readonly calledAt = new Map<string, Position>();
  /** Withheld wins, by their game rounds. */
  readonly withheld = new Map<string, WithheldModel>();
  /** The tags of deeds that have settled one. */
  readonly settlers = new Set<string>();
  /** The tags of transfers that carry opt-ins. */
  readonly carriers = new Set<string>();
  readonly #places: Places;
  readonly #note: (problem: string) => void;

  constructor(given: Given, note: (problem: string) => void) {
    ({ answered: this.answered, notes: this.notes, taken: this.taken, names: this.names, pots: this.pots } = given);
    ({ rounds: this.rounds, choices: this.choices } = given);
    this.#places = given.places;
    this.windows = given.places.windows;
    this.#note = note;
  }

  /** The name of an instance. */
  nameOf(id: string): string {
    return this.#places.names.get(id)!;
  }

  /** The id of an instance. */
  idOf(name: string): string {
    return this.#places.ids.get(name)!;
  }

  note(problem: string): void {
    this.#note(problem);
  }

  /** The wish that became an operation. A second operation is a problem. */
  wish(tag: string, operation: string): Wish | undefined {
    const sent = this.answered.sent.get(tag);
    if (sent === undefined) {
      this.note(`${operation} is of ${tag}, which nobody sent`);
      return undefined;
    }
    const known = this.operations.get(tag);
    if (known !== undefined && known !== operation)
      this.note(`${tag} stands in the journal as ${known} and ${operation}`);
    this.operations.set(tag, operation);
    return sent.wish;
  }

  gain(player: string, currency: string, amount: bigint): void {
    const key = `${player} ${currency}`;
    this.gains.set(key, (this.gains.get(key) ?? 0n) + amount);
  }
}
