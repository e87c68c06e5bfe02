import { optInName, type Choice } from './pots-choices.ts';

/** A contribution as its caller means it. */
export interface Contribution {
  readonly kind: 'contribution';
  /** Unique: the key, and what caused it. */
  readonly tag: string;
  readonly player: string;
  /** The name of an instance; `casino`: the source. */
  readonly target: string;
  /** In micro-units. */
  readonly wager: bigint;
  readonly currency: string;
  readonly linked: boolean;
  /** The first version's, or the second one's; called back: all results, or only wins. */
  readonly way: 'first' | 'provider' | 'second' | 'called' | 'wins';
}

/** What an operator does with money. Amounts are in micro-units. */
export type Act =
  | { readonly kind: 'adjust'; readonly pot: string; readonly part: Part; readonly amount: bigint }
  | { readonly kind: 'transfer'; readonly to: string; readonly rules: readonly Rule[]; readonly optIns: boolean }
  | { readonly kind: 'settle'; readonly verb: 'Release' | 'Reject'; readonly round: string }
  | { readonly kind: 'trigger'; readonly pot: string; readonly player: string };

export type Part = 'value' | 'reserve' | 'surplus';

/** Where the money of a pot goes: by pot, the part in millionths, in order. */
export interface Rule {
  readonly from: string;
  readonly to: readonly (readonly [pot: string, part: bigint])[];
}

export type Deed = Act & { readonly tag: string; readonly instance: string };
export type Wish = Contribution | Deed;

/** A wish, and what its caller was told. */
export interface Sent<W extends Wish = Wish> {
  readonly wish: W;
  /** The operation that it became, as far as the answer says; empty: it does not. */
  id: string;
  /** What was answered; empty: nothing so far. */
  text: string;
  /** The reason of a refusal; empty: it was done. */
  refused: string;
  /** When it was sent first, and when the last answer came: microseconds since 1970. */
  readonly sentAt: number;
  answeredAt: number;
}

/** The outcome of an attempt; null: unknown. */
export type Outcome = { readonly id: string; readonly text: string } | { readonly reason: string } | null;

/** All that was sent, and what was wrong with the answers. */
export class AnsweredPots {
  readonly sent = new Map<string, Sent>();
  /** The statuses that each instance got, in order. */
  readonly statuses = new Map<string, string[]>();
  /** What callers have chosen for players, in order, by `optInName`. */
  readonly chosen = new Map<string, Choice[]>();
  readonly problems: string[] = [];
  operations = 0;
  repeats = 0;
  conflicts = 0;
  refusals = 0;
  retries = 0;
  optIns = 0;

  first<W extends Wish>(wish: W): Sent<W> {
    const sent = { wish, id: '', text: '', refused: '', sentAt: Date.now() * 1000, answeredAt: 0 };
    this.sent.set(wish.tag, sent);
    return sent;
  }

  /** Takes what an attempt came to. Of two that were made at once one may be refused before the other is done. */
  take(sent: Sent, outcome: Outcome): void {
    sent.answeredAt = (Date.now() + 1) * 1000;
    if (outcome === null) {
      this.retries += 1;
    } else if ('reason' in outcome) {
      if (sent.text === '') sent.refused = outcome.reason;
    } else {
      if (sent.text !== '' && (sent.text !== outcome.text || sent.id !== outcome.id))
        this.note(sent.wish, `was ${sent.id} ${sent.text}, and later ${outcome.id} ${outcome.text}`);
      Object.assign(sent, outcome, { refused: '' });
    }
  }

  /** A player has opted in or out. */
  chose(instance: string, player: string, choice: Choice): void {
    const name = optInName(instance, player);
    this.optIns += 1;
    this.chosen.set(name, this.chosen.get(name) ?? []);
    this.chosen.get(name)!.push(choice);
  }

  note(wish: { readonly tag: string }, problem: string): void {
    const text = JSON.stringify(wish, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    if (this.problems.length < 1000) this.problems.push(`${text} ${problem}`);
  }
}

/** What was done first, then what is unknown, then what was refused. */
export function byWorth(a: Outcome, b: Outcome): number {
  const worth = (one: Outcome): number => (one === null ? 1 : 'text' in one ? 0 : 2);
  return worth(a) - worth(b);
}
