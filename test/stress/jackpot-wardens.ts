import { setTimeout as sleep } from 'node:timers/promises';
import { grpcApi } from '../support/api.ts';
import { seeded } from '../support/requests.ts';
import { until } from '../support/service.ts';
import type { AnsweredCalls, Ending, Sent, Try } from './jackpot-answered.ts';
import { perform } from './jackpot-callers.ts';
import { JACKPOTS, MORTAL } from './jackpot-catalogue.ts';
import { blank, type Way } from './jackpot-plan.ts';
import { Server } from './jackpot-server.ts';

interface WardensOptions {
  readonly addresses: readonly string[];
  /** Of all callers together. */
  readonly operations: number;
  /** In how many operations each warden ends a jackpot. */
  readonly endEvery: number;
  readonly seed: number;
  readonly answered: AnsweredCalls;
  readonly signal: AbortSignal;
}

interface WardenOptions extends Omit<WardensOptions, 'addresses'> {
  readonly warden: number;
  readonly servers: readonly Server[];
}

const WARDENS = 4;

/** Runs all wardens while callers have operations to do. */
export async function runWardens({ addresses, ...options }: WardensOptions): Promise<void> {
  const admin = { authorization: `Bearer ${await tokenOf(addresses[0]!)}` };
  const servers = addresses.map((address) => new Server(address, admin));
  try {
    await Promise.all(
      Array.from({ length: WARDENS }, (_, warden) => new Warden({ ...options, warden, servers }).run()),
    );
  } finally {
    for (const server of servers) server.close();
  }
}

/** Logs in, also where the server or the database has just been killed. */
async function tokenOf(address: string): Promise<string> {
  const api = grpcApi(address);
  let token = '';
  await until(async () => {
    const { body } = await api.call('AuthService.LoginAdmin', { username: 'demo', password: 'demo' });
    ({ token } = body as { token: string });
    return true;
  }).finally(() => api.close());
  return token;
}

/** What the seed decides for one hand: those that act concurrently each have their own. */
class Hand {
  readonly random: () => number;
  readonly #name: string;
  #keys = 0;

  constructor(seed: number, name: string) {
    this.random = seeded(seed);
    this.#name = name;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)]!;
  }

  /** A hand of its own. */
  other(name: string): Hand {
    return new Hand(Math.floor(this.random() * 2 ** 32), `${this.#name} ${name}`);
  }

  /** A transfer goes to any pot of a later jackpot. */
  wish(kind: Ending['kind'], jackpot: string, pot: string): Ending {
    const other = this.pick(JACKPOTS.slice(JACKPOTS.findIndex(({ id }) => id === jackpot) + 1));
    const to = { jackpot: other.id, pot: this.pick(other.pots).id };
    return { kind, jackpot, pot, to, key: `${this.#name} ${this.#keys++}` };
  }
}

/**
 * Ends jackpots with money in their pots while others contribute, draws the pots or moves their money to others, and
 * lets the jackpots begin again. Each has jackpots of its own, so that it knows which are archived. Only the seed
 * decides what it does.
 */
class Warden {
  readonly #options: WardenOptions;
  readonly #hand: Hand;
  readonly #own: readonly string[];
  readonly #statuses: Sent<Ending>[] = [];

  constructor(options: WardenOptions) {
    this.#options = options;
    this.#hand = new Hand(options.seed * 1000 + 500 + options.warden, `warden ${options.warden}`);
    this.#own = [...MORTAL].filter((_, i) => i % WARDENS === options.warden);
  }

  /** Its rounds, at even distances in what all callers do. */
  async run(): Promise<void> {
    const { operations, endEvery, answered, signal } = this.#options;
    const rounds = Math.ceil(operations / endEvery);
    for (let round = 0; round < rounds; round++) {
      while (answered.operations < (operations * (round + 0.5)) / rounds) {
        signal.throwIfAborted();
        await sleep(5);
      }
      await this.#round(round, this.#hand.pick(this.#own));
    }
  }

  async #round(round: number, jackpot: string): Promise<void> {
    const hand = this.#hand;
    const pots = JACKPOTS.find(({ id }) => id === jackpot)!.pots.map(({ id }) => id);
    await this.#impossible(hand, hand.wish('draw', jackpot, hand.pick(pots)), 'JACKPOT_NOT_ENDED');
    await this.#impossible(hand, hand.wish('transfer', jackpot, hand.pick(pots)), 'JACKPOT_NOT_ENDED');
    await this.#status('archive', jackpot);
    const hands = pots.map((pot) => ({ pot, own: hand.other(`${round} ${pot}`) }));
    await Promise.all(
      hands.map(async ({ pot, own }) => {
        const dice = own.random();
        if (dice < 0.65) await this.#draw(own, jackpot, pot, own.pick(pots));
        if (dice > 0.45 && dice < 0.9) await this.#transfer(own, jackpot, pot);
      }),
    );
    // A status that was given earlier does not come back with its key.
    if (this.#statuses.length > 1) await this.#again(hand, hand.pick(this.#statuses));
    await this.#status('resume', jackpot);
  }

  async #status(kind: 'archive' | 'resume', jackpot: string): Promise<void> {
    this.#statuses.push(await this.#first(this.#hand, this.#hand.wish(kind, jackpot, ''), true));
  }

  async #draw(hand: Hand, jackpot: string, pot: string, other: string): Promise<void> {
    const sent = await this.#first(hand, hand.wish('draw', jackpot, pot), false);
    if (hand.random() < 0.5) await this.#again(hand, sent);
    if (sent.id !== '' && other !== pot) await this.#conflict(hand, sent, { ...sent.wish, pot: other });
    await this.#impossible(hand, hand.wish('draw', jackpot, pot), 'NO_WINNER');
  }

  async #transfer(hand: Hand, jackpot: string, pot: string): Promise<void> {
    const sent = await this.#first(hand, hand.wish('transfer', jackpot, pot), false);
    if (hand.random() < 0.5) await this.#again(hand, sent);
    if (sent.id === '') return;
    const to = { jackpot: 'plain', pot: 'main' };
    if (sent.wish.to.jackpot !== to.jackpot) await this.#conflict(hand, sent, { ...sent.wish, to });
    await this.#impossible(hand, { ...hand.wish('transfer', jackpot, pot), to }, 'NOTHING_TO_DROP');
  }

  /** Sends a wish once, or to both servers concurrently. */
  async #first(hand: Hand, wish: Ending, sure: boolean): Promise<Sent<Ending>> {
    const sent = { ...blank(wish), sure };
    this.#options.answered.sent.push(sent);
    await this.#try(hand, hand.random() < 0.4 ? 'pair' : 'unary', { sent, wish, error: '', repeat: false });
    return sent;
  }

  #again(hand: Hand, sent: Sent<Ending>): Promise<void> {
    return this.#try(hand, 'unary', { sent, wish: sent.wish, error: '', repeat: true });
  }

  #conflict(hand: Hand, sent: Sent<Ending>, wish: Ending): Promise<void> {
    return this.#try(hand, 'unary', { sent, wish, error: 'IDEMPOTENCY_KEY_REUSED', repeat: true });
  }

  #impossible(hand: Hand, wish: Ending, error: string): Promise<void> {
    return this.#try(hand, 'unary', { sent: blank(wish), wish, error, repeat: false });
  }

  async #try(hand: Hand, way: Way, one: Try): Promise<void> {
    const { servers, answered, signal } = this.#options;
    const server = Math.floor(hand.random() * servers.length);
    await perform({ way, server, messages: [[one]] }, servers, answered, signal);
    answered.count(one);
  }
}
