import { seeded } from '../support/requests.ts';
import { JACKPOTS, MORTAL, PLAYERS, POOR, PURSE, RICH, SURE_POTS } from './jackpot-catalogue.ts';
import type { Contribution, Drop, Sent, AnsweredCalls, Try, Wish } from './jackpot-answered.ts';

/** How a step's attempts are sent: `twins` is a batch, and `pair` a call, that goes to two servers concurrently. */
export type Way = 'stream' | 'batch' | 'twins' | 'unary' | 'pair';

export interface Step {
  readonly way: Way;
  /** Which server comes first. */
  readonly server: number;
  readonly messages: readonly (readonly Try[])[];
}

const AMOUNT_MAX = 4_000_000;
/** Of earlier wishes the last ones are repeated, and now and then one of all. */
const RECENT = 2000;

export const blank = <W extends Wish>(wish: W): Sent<W> => ({
  wish,
  sure: false,
  batch: 0,
  place: 0,
  id: '',
  answer: '',
  fresh: 0,
  unsure: false,
  refused: false,
});

/**
 * What one caller does. Only the seed decides: no choice depends on an answer, so that a seed repeats a run however
 * calls and kills interleave.
 */
export class Plan {
  readonly #random: () => number;
  readonly #caller: number;
  readonly #answered: AnsweredCalls;
  readonly #messageMax: number;
  readonly #own: Sent<Contribution>[] = [];
  readonly #drops: Sent<Drop>[] = [];
  /** How many wagers each jackpot had: another jackpot's wager of the same number is another one. */
  readonly #wagers = new Map<string, number>();
  #keys = 0;
  /** The number of the step if it is a batch, otherwise 0. */
  #batch = 0;
  #batches = 0;

  /** @param messageMax how many items a message of a stream, or a batch, has at the most. */
  constructor(seed: number, caller: number, messageMax: number, answered: AnsweredCalls) {
    this.#random = seeded(seed * 1000 + caller);
    this.#caller = caller;
    this.#messageMax = messageMax;
    this.#answered = answered;
  }

  /** The next step, of at most `most` tries. */
  next(most: number): Step {
    const dice = this.#random();
    const server = this.#below(2);
    this.#batch = 0;
    if (dice < 0.35) {
      const before = this.#drops.length;
      return { way: 'unary', server, messages: [this.#list(Math.min(most, 4), () => this.#drop(before))] };
    }
    const way = dice < 0.45 ? 'unary' : dice < 0.5 ? 'twins' : dice < 0.7 ? 'batch' : 'stream';
    if (way === 'batch') this.#batch = ++this.#batches * 1000 + this.#caller;
    const settled = this.#own.length;
    const messages: Try[][] = [];
    const count = way === 'stream' ? 1 + this.#below(6) : 1;
    for (let left = most; messages.length < count && left > 0;) {
      const message = this.#list(Math.min(left, way === 'unary' ? 4 : this.#messageMax), () => this.#item(settled));
      messages.push(message);
      left -= message.length;
    }
    return { way, server, messages };
  }

  /** One to `most` tries. */
  #list(most: number, make: () => Try): Try[] {
    return Array.from({ length: 1 + this.#below(most) }, make);
  }

  /**
   * @param settled how many of the own wishes are of earlier steps: the others can be repeated, but not contradicted
   * yet.
   */
  #item(settled: number): Try {
    const dice = this.#random();
    const contradicted = this.#earlier(settled);
    const repeated = this.#earlier(this.#own.length);
    if (dice < 0.04 && repeated !== undefined) return this.#repeat(repeated, repeated.wish);
    if (dice < 0.07 && contradicted?.sure === true) {
      const { wish } = contradicted;
      if (dice < 0.05 && wish.wager !== '') return this.#repeat(contradicted, this.#renamed(wish));
      return this.#conflict(contradicted, this.#against(wish));
    }
    if (dice > 0.998)
      return this.#impossible({ ...this.#contribution('plain'), jackpot: 'nowhere' }, 'JACKPOT_NOT_FOUND');
    const jackpot = this.#pick(['plain', 'plain', 'odd', PURSE, 'chance', 'chance', ...MORTAL]);
    const wish = this.#contribution(jackpot);
    const sure = !MORTAL.has(jackpot) && (jackpot !== PURSE || wish.user.startsWith('rich'));
    return this.#first(wish, sure, this.#own);
  }

  #contribution(jackpot: string): Contribution {
    const user = jackpot === PURSE ? this.#pick(this.#random() < 0.8 ? POOR : RICH) : this.#pick([...PLAYERS, ...POOR]);
    const amount = 1 + Math.floor(this.#random() ** 3 * AMOUNT_MAX);
    const dice = this.#random();
    return {
      kind: 'contribute',
      jackpot,
      user,
      amount,
      key: dice < 0.7 ? this.#key() : '',
      wager: dice > 0.4 ? this.#wager(jackpot) : '',
    };
  }

  #drop(settled: number): Try {
    const dice = this.#random();
    const before = this.#drops[this.#below(settled)];
    if (dice < 0.1 && before !== undefined) return this.#repeat(before, before.wish);
    if (dice < 0.15 && before?.sure === true) {
      return this.#conflict(before, { ...before.wish, winner: `${before.wish.winner}-too` });
    }
    const jackpot = this.#pick(JACKPOTS);
    const wish: Drop = {
      kind: 'drop',
      jackpot: jackpot.id,
      pot: MORTAL.has(jackpot.id) ? 'box' : this.#pick(jackpot.pots).id,
      key: this.#key(),
      winner: this.#random() < 0.5 ? '' : this.#pick(jackpot.id === PURSE ? POOR : [...PLAYERS, ...POOR]),
    };
    if (dice > 0.97) return this.#impossible({ ...wish, pot: 'none' }, 'POT_NOT_FOUND');
    if (jackpot.id === 'chance' && wish.pot !== 'open') return this.#impossible(wish, 'DROP_NOT_ALLOWED');
    return this.#first(wish, wish.winner !== '' && SURE_POTS[wish.jackpot] === wish.pot, this.#drops);
  }

  #first<W extends Wish>(wish: W, sure: boolean, own: Sent<W>[]): Try {
    const sent = { ...blank(wish), sure, batch: this.#batch, place: own.length };
    own.push(sent);
    this.#answered.sent.push(sent);
    return { sent, wish, error: '', repeat: false };
  }

  #impossible(wish: Wish, error: string): Try {
    return { sent: blank(wish), wish, error, repeat: false };
  }

  #repeat(sent: Sent, wish: Wish): Try {
    return { sent, wish, error: '', repeat: true };
  }

  #conflict(sent: Sent, wish: Wish): Try {
    return { sent, wish, error: 'IDEMPOTENCY_KEY_REUSED', repeat: true };
  }

  /** A wager is itself a key: it is also found with another key, or none. */
  #renamed(wish: Contribution): Contribution {
    return { ...wish, key: this.#random() < 0.5 || wish.key === '' ? '' : `${wish.key}-else` };
  }

  /** Another wish under the same key or wager. */
  #against(wish: Contribution): Contribution {
    const dice = this.#random();
    if (dice < 0.4) return { ...wish, amount: wish.amount + 1 };
    if (dice < 0.7 || wish.key === '') return { ...wish, user: `${wish.user}-too` };
    return { ...wish, wager: dice < 0.85 && wish.wager !== '' ? '' : this.#wager(wish.jackpot) };
  }

  #earlier(among: number): Sent<Contribution> | undefined {
    if (among === 0) return undefined;
    const from = this.#random() < 0.9 ? Math.max(0, among - RECENT) : 0;
    return this.#own[from + this.#below(among - from)];
  }

  #key(): string {
    return `key-${this.#caller}-${this.#keys++}`;
  }

  #wager(jackpot: string): string {
    const n = this.#wagers.get(jackpot) ?? 0;
    this.#wagers.set(jackpot, n + 1);
    return `wager-${this.#caller}-${n}`;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }
}
