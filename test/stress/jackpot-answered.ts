import { MORTAL } from './jackpot-catalogue.ts';

/** A call as its caller means it; amounts in micro-units. */
export interface Contribution {
  readonly kind: 'contribute';
  readonly jackpot: string;
  readonly user: string;
  readonly amount: number;
  readonly key: string;
  readonly wager: string;
}

export interface Drop {
  readonly kind: 'drop';
  readonly jackpot: string;
  readonly pot: string;
  /** Empty: the player who contributed last. */
  readonly winner: string;
  readonly key: string;
}

/** What an admin does to end a jackpot, with the money that is left in its pots, and to begin it again. */
export interface Ending {
  readonly kind: 'archive' | 'resume' | 'draw' | 'transfer';
  readonly jackpot: string;
  /** The pot that is drawn, or whose money is moved; otherwise empty. */
  readonly pot: string;
  /** Where its money goes. */
  readonly to: { readonly jackpot: string; readonly pot: string };
  readonly key: string;
}

export type Wish = Contribution | Drop | Ending;

/** A request with its own keys, and the responses that its caller got. */
export interface Sent<W extends Wish = Wish> {
  readonly wish: W;
  /** Whether it cannot be refused. */
  readonly sure: boolean;
  /** The batch that it was first sent in, whose order is kept, and its place there; 0: none. */
  readonly batch: number;
  readonly place: number;
  /** The operation that it became; empty: none so far. */
  id: string;
  /** What was answered beside the id. */
  answer: string;
  /** How often it was reported as newly done, which is once: of several concurrent attempts any may be the first. */
  fresh: number;
  /** Whether an attempt had no answer: then that may have been the first. */
  unsure: boolean;
  refused: boolean;
}

/** One sending of a wish. */
export interface Try {
  readonly sent: Sent;
  /** `sent`'s own, or one that contradicts it. */
  readonly wish: Wish;
  /** The only answer that is right; empty: it is done, or was done before. */
  readonly error: string;
  /** Whether it repeats what was sent before. */
  readonly repeat: boolean;
}

/** The outcome of an attempt; null: unknown. */
export type Outcome =
  | { readonly id: string; readonly answer: string; readonly deduped: boolean }
  | { readonly reason: string }
  | null;

/** ApiErrors that hang on what others do meanwhile. */
const POSSIBLE: Readonly<Record<Wish['kind'], readonly string[]>> = {
  contribute: ['INSUFFICIENT_BALANCE'],
  drop: ['NOTHING_TO_DROP', 'NO_WINNER'],
  archive: [],
  resume: [],
  draw: ['NO_WINNER'],
  transfer: ['NOTHING_TO_DROP'],
};

/** Whether what others do can refuse a wish so. Of what is played, only jackpots that end are not always active. */
function isPossible(wish: Wish, reason: string): boolean {
  if (POSSIBLE[wish.kind].includes(reason)) return true;
  const played = wish.kind === 'transfer' ? wish.to.jackpot : wish.kind in PLAYED ? wish.jackpot : '';
  return reason === 'JACKPOT_NOT_ACTIVE' && MORTAL.has(played);
}

const PLAYED = { contribute: true, drop: true };

/** The responses to all callers. */
export class AnsweredCalls {
  readonly sent: Sent[] = [];
  /** Answers that fit neither the contract nor an earlier answer. */
  readonly contradictions: string[] = [];
  operations = 0;
  repeats = 0;
  conflicts = 0;
  refusals = 0;
  retries = 0;
  drops = 0;
  awards = 0;
  archives = 0;
  draws = 0;
  transfers = 0;

  /** Takes what a try came to. */
  take(one: Try, outcome: Outcome): void {
    if (outcome === null) {
      one.sent.unsure = true;
      this.retries += 1;
    } else if ('reason' in outcome) {
      this.#refused(one, outcome.reason);
    } else {
      this.#done(one, outcome);
    }
  }

  /** Counts a try that is settled. */
  count({ wish, error, repeat, sent }: Try): void {
    this.operations += 1;
    if (repeat && error === '') this.repeats += 1;
    if (error === 'IDEMPOTENCY_KEY_REUSED') this.conflicts += 1;
    else if (sent.id === '') this.refusals += 1;
    if (wish.kind === 'drop') this.drops += 1;
    if (repeat || error !== '' || sent.id === '') return;
    if (wish.kind === 'drop' && wish.winner !== '') this.awards += 1;
    if (wish.kind === 'archive') this.archives += 1;
    if (wish.kind === 'draw') this.draws += 1;
    if (wish.kind === 'transfer') this.transfers += 1;
  }

  #refused({ sent, wish, error }: Try, reason: string): void {
    if (error !== '') {
      if (reason !== error) this.#contradicts(wish, `was refused ${reason}, not ${error}`);
      return;
    }
    if (sent.sure || !isPossible(wish, reason)) this.#contradicts(wish, `was refused ${reason}`);
    if (sent.id === '') sent.refused = true;
    else this.#contradicts(wish, `was ${sent.id}, and was refused ${reason} later`);
  }

  #done({ sent, wish, error }: Try, { id, answer, deduped }: { id: string; answer: string; deduped: boolean }): void {
    if (error !== '') return this.#contradicts(wish, `was done as ${id}, not refused ${error}`);
    if (!deduped) sent.fresh += 1;
    if (sent.id === '') {
      Object.assign(sent, { id, answer, refused: false });
    } else if (sent.id !== id || sent.answer !== answer) {
      this.#contradicts(wish, `was ${sent.id} ${sent.answer}, and ${id} ${answer} later`);
    }
  }

  #contradicts(wish: Wish, what: string): void {
    if (this.contradictions.length < 1000) this.contradictions.push(`${JSON.stringify(wish)} ${what}`);
  }
}
