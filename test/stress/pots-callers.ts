import { seeded } from '../support/requests.ts';
import { byWorth, type AnsweredPots, type Contribution, type Outcome, type Sent } from './pots-answered.ts';
import { CURRENCIES, INSTANCES } from './pots-instances.ts';
import { countryOf, patiently, playerOf, type PotsOptions } from './pots-patience.ts';
import type { Places, PotsServer } from './pots-server.ts';

type Way = 'one' | 'batch' | 'stream' | 'twins';
type SentContribution = Sent<Contribution>;

const MESSAGE_MAX = 200;

/** One caller, with players of its own: what they chose is known. */
export class PotsCaller {
  readonly #options: PotsOptions;
  readonly #caller: number;
  readonly #random: () => number;
  readonly #servers: readonly PotsServer[];
  readonly #places: Places;
  readonly #answered: AnsweredPots;
  readonly #own: SentContribution[] = [];
  #tags = 0;

  constructor(
    options: PotsOptions,
    caller: number,
    servers: readonly PotsServer[],
    places: Places,
    answered: AnsweredPots,
  ) {
    this.#options = options;
    this.#caller = caller;
    this.#random = seeded(options.seed * 1000 + caller);
    this.#servers = servers;
    this.#places = places;
    this.#answered = answered;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { operations, callers } = this.#options;
    for (let left = Math.ceil(operations / callers); left > 0;) {
      signal.throwIfAborted();
      const done = await this.#step(left, signal);
      left -= done;
      this.#answered.operations += done;
    }
  }

  /** One step. Returns how many operations it had. */
  async #step(most: number, signal: AbortSignal): Promise<number> {
    const dice = this.#random();
    if (dice < 0.2) return this.#times(5, () => this.#optIn(signal));
    if (dice < 0.25) return this.#optInMany(signal);
    if (dice < 0.35) return this.#times(20, () => this.#again(signal));
    const way: Way = dice < 0.6 ? 'one' : dice < 0.65 ? 'twins' : dice < 0.85 ? 'batch' : 'stream';
    const count = 1 + this.#below(Math.min(most, way === 'one' ? 4 : MESSAGE_MAX));
    const step = Array.from({ length: count }, () => this.#first(way));
    await this.#send(step, way, signal);
    for (const { refused } of step) if (refused !== '') this.#answered.refusals += 1;
    return count;
  }

  /** Does something once, or up to so many times. Returns how many operations that were. */
  async #times(most: number, act: () => Promise<number>): Promise<number> {
    let done = 0;
    for (let left = 1 + this.#below(most); left > 0; left--) done += await act();
    return done;
  }

  #first(way: Way): SentContribution {
    const player = this.#player();
    const target = this.#pick([
      'main',
      'main',
      'main',
      'casino',
      'casino',
      'opted',
      'rising',
      'spare',
      'lots',
      'wagers',
    ]);
    const dice = this.#random();
    const sent = this.#answered.first<Contribution>({
      kind: 'contribution',
      tag: `c-${this.#caller}-${this.#tags++}`,
      player,
      target,
      wager: BigInt(100_000 + Math.floor(this.#random() ** 3 * 30_000_000)),
      currency: this.#pick(CURRENCIES),
      linked: this.#random() < 0.8,
      way:
        way !== 'one'
          ? dice < 0.01
            ? 'called'
            : 'second'
          : dice < 0.3
            ? 'first'
            : dice < 0.4 && target !== 'casino'
              ? 'provider'
              : dice < 0.5
                ? 'called'
                : dice < 0.55
                  ? 'wins'
                  : 'second',
    });
    this.#own.push(sent);
    return sent;
  }

  /** Sends contributions until each is answered. */
  async #send(step: readonly SentContribution[], way: Way, signal: AbortSignal): Promise<void> {
    let left = step;
    const take = (outcomes: readonly Outcome[]): void => {
      outcomes.forEach((outcome, i) => this.#answered.take(left[i]!, outcome));
      left = left.filter((_, i) => outcomes[i] === null);
    };
    if (way === 'twins') {
      const both = await Promise.all(this.#servers.map((server) => server.batch(step.map(({ wish }) => wish))));
      // One of two may be refused before the other is done.
      const better = step.map((_, i) => both.map((outcomes) => outcomes[i]!).sort(byWorth)[0]!);
      for (const outcomes of both)
        outcomes.forEach(
          (outcome, i) => outcome !== null && 'text' in outcome && this.#answered.take(step[i]!, outcome),
        );
      take(better);
    }
    let turn = this.#below(2);
    if (left.length === 0) return;
    await patiently(
      async () => {
        const server = this.#servers[turn++ % this.#servers.length]!;
        take(
          await this.#try(
            left.map(({ wish }) => wish),
            way,
            server,
          ),
        );
        return left.length === 0 ? true : null;
      },
      this.#answered,
      signal,
    );
  }

  async #try(wishes: readonly Contribution[], way: Way, server: PotsServer): Promise<Outcome[]> {
    if (way === 'one') {
      const outcomes: Outcome[] = [];
      for (const wish of wishes) outcomes.push(await server.one(wish));
      return outcomes;
    }
    if (way !== 'stream') return server.batch(wishes);
    const third = Math.ceil(wishes.length / 3);
    return server.stream(
      [0, 1, 2].map((i) => wishes.slice(i * third, (i + 1) * third)).filter(({ length }) => length > 0),
    );
  }

  /** Sends an earlier contribution again, as it was, or another one with its key. */
  async #again(signal: AbortSignal): Promise<number> {
    const before = this.#own[this.#below(this.#own.length)];
    // What was refused is not kept: it would be a new one. So is one of which only wins are told.
    if (before?.refused !== '' || before.wish.way === 'wins') return 1;
    const { wish } = before;
    const contradicts = this.#random() < 0.4;
    const sent = contradicts ? { ...wish, wager: wish.wager + 1_000_000n } : wish;
    const batched = wish.way === 'second' && this.#random() < 0.5;
    const outcome = await patiently(
      async (turn) => {
        const server = this.#servers[turn % this.#servers.length]!;
        return batched ? (await server.batch([sent]))[0]! : server.one(sent);
      },
      this.#answered,
      signal,
    );
    if (contradicts) {
      this.#answered.conflicts += 1;
      if (!('reason' in outcome) || outcome.reason !== 'IDEMPOTENCY_KEY_REUSED')
        this.#answered.note(wish, `was contradicted, and answered ${JSON.stringify(outcome)}`);
    } else {
      this.#answered.repeats += 1;
      if ('reason' in outcome) this.#answered.note(wish, `was ${before.text}, and refused ${outcome.reason} later`);
      else this.#answered.take(before, outcome);
    }
    return 1;
  }

  async #optIn(signal: AbortSignal): Promise<number> {
    const [instance, player] = [this.#pick(INSTANCES).id, this.#player()];
    const isIn = this.#random() < 0.7;
    const preferred = isIn && this.#random() < 0.5 ? BigInt(1 + this.#below(2_000_000)) : 0n;
    const request = {
      instance_id: this.#places.ids.get(instance)!,
      brand_id: 'demo:main',
      player_id: player,
      player_country: countryOf(player),
      opt_in: isIn,
      ...(preferred === 0n ? {} : { contribution_value: Number(preferred) / 1e6 }),
    };
    await this.#must('InstanceService.SetOptIn', request, signal);
    this.#answered.chose(instance, player, { isIn, wanted: preferred });
    return 1;
  }

  async #optInMany(signal: AbortSignal): Promise<number> {
    const instance = this.#pick(INSTANCES).id;
    const players = [...new Set(Array.from({ length: 1 + this.#below(30) }, () => this.#player()))];
    const [ins, outs] = [players.filter((_, i) => i % 3 > 0), players.filter((_, i) => i % 3 === 0)];
    const item = { instance_id: this.#places.ids.get(instance)!, brand_id: 'main', opt_ins: ins, opt_outs: outs };
    const told = await this.#must('InstanceService.SetOptIns', { items: [item] }, signal);
    if (told.error_count !== 0) this.#answered.note({ tag: instance }, JSON.stringify(told));
    for (const player of players)
      this.#answered.chose(instance, player, { isIn: ins.includes(player), wanted: undefined });
    return players.length;
  }

  async #must(rpc: string, request: object, signal: AbortSignal): Promise<any> {
    const turn = this.#below(2);
    const called = await patiently(
      (tries) => this.#servers[(turn + tries) % this.#servers.length]!.call(rpc, request as never),
      this.#answered,
      signal,
    );
    if (called.status !== 'OK') throw new Error(`${rpc}: ${called.reason} ${JSON.stringify(called.details)}`);
    return called.body;
  }

  #player(): string {
    return playerOf(this.#caller, this.#below(this.#options.playersPerCaller));
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }
}
