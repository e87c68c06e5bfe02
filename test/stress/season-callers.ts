import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { grpcApi, type Outcome as Called } from '../support/api.ts';
import { seeded } from '../support/requests.ts';
import { journeys } from './season-journeys.ts';
import { lootboxes, miniGames } from './season-tables.ts';
import { raffles } from './season-raffles.ts';
import { tournaments } from './season-tournaments.ts';
import type { CallerModel, EngineModel, Outcome, Sent } from './season-engine.ts';

/** The engines of the campaign: each adds its model here. */
export const SEASON: readonly EngineModel[] = [journeys, lootboxes, miniGames, tournaments, raffles];

/** What each player has at the start, in WINZ. */
export const PURSE = 30;
const AUTHORIZATION = { authorization: 'Bearer wf_test_demo' };
const BATCH_MAX = 300;
const PAUSE_MS = 50;
/** A minute without an answer. */
const TRIES = 1200;
/** After these it is unknown whether anything was done, or nothing was done. */
const AGAIN = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'CANCELLED', 'OVERLOADED', 'UNKNOWN']);

export interface SeasonOptions {
  readonly callers: number;
  readonly playersPerCaller: number;
  /** Of all callers together. */
  readonly operations: number;
  readonly seed: number;
}

/** All that was sent, and what was wrong with the answers. */
export class Answered {
  readonly sent: Sent[] = [];
  readonly problems: string[] = [];
  operations = 0;
  repeats = 0;
  conflicts = 0;
  refusals = 0;
  retries = 0;

  note({ engine, key, request }: Sent, problem: string): void {
    if (this.problems.length < 1000) this.problems.push(`${engine.name} ${key} ${JSON.stringify(request)} ${problem}`);
  }
}

export const playerOf = (caller: number, n: number): string => `season-${caller}-${n}`;

type Api = ReturnType<typeof grpcApi>;

/** One caller: a player's calls come one after another, but those of a batch go together. */
export class SeasonCaller {
  readonly #options: SeasonOptions;
  readonly #caller: number;
  readonly #random: () => number;
  readonly #apis: readonly Api[];
  readonly #answered: Answered;
  readonly #models = new Map<EngineModel, CallerModel>(SEASON.map((engine) => [engine, engine.caller()]));
  readonly #balances = new Map<string, bigint>();
  readonly #own: Sent[] = [];

  constructor(options: SeasonOptions, caller: number, addresses: readonly string[], answered: Answered) {
    this.#options = options;
    this.#caller = caller;
    this.#random = seeded(options.seed * 1000 + caller);
    this.#apis = addresses.map((address) => grpcApi(address));
    this.#answered = answered;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { operations, callers } = this.#options;
    try {
      for (let left = Math.ceil(operations / callers); left > 0;) left -= await this.#step(left, signal);
    } finally {
      for (const api of this.#apis) api.close();
    }
  }

  /** One step of some calls to one engine. Returns how many calls it had. */
  async #step(most: number, signal: AbortSignal): Promise<number> {
    const dice = this.#random();
    if (dice < 0.1) return this.#repeats(1 + this.#below(Math.min(most, 20)), dice < 0.04, signal);
    const engine = SEASON[this.#below(SEASON.length)]!;
    const way = dice < 0.3 ? 'one' : dice < 0.36 ? 'twins' : 'many';
    const count = 1 + this.#below(Math.min(most, way === 'one' ? 4 : BATCH_MAX));
    const step = Array.from({ length: count }, () => this.#first(engine));
    await this.#send(step, way, this.#below(2), signal);
    this.#settle(step);
    return count;
  }

  #first(engine: EngineModel): Sent {
    const user = playerOf(this.#caller, this.#below(this.#options.playersPerCaller));
    const key = `${engine.name}-${this.#caller}-${this.#own.length}`;
    const request = engine.request(this.#random);
    const sent: Sent = { engine, user, key, request, id: '', text: '', refused: '', fresh: 0, unsure: false };
    this.#own.push(sent);
    this.#answered.sent.push(sent);
    return sent;
  }

  /** Sends earlier calls again, as they were or with other requests. */
  async #repeats(count: number, contradicts: boolean, signal: AbortSignal): Promise<number> {
    for (let i = 0; i < count; i++) {
      const before = this.#own[this.#below(this.#own.length)];
      // A call without an effect is not stored: it would be a new one.
      if (before !== undefined && before.id !== '') await this.#again(before, contradicts, signal);
    }
    return count;
  }

  async #again(first: Sent, contradicts: boolean, signal: AbortSignal): Promise<void> {
    const { engine } = first;
    const request = contradicts ? engine.contradiction(first.request) : first.request;
    for (let turn = this.#below(2); ; turn++) {
      const [outcome] = await this.#one(this.#apis[turn % 2]!, [{ ...first, request }]);
      if (outcome === null) {
        await this.#pause(turn, signal);
        continue;
      }
      this.#answered.operations += 1;
      if (contradicts) {
        this.#answered.conflicts += 1;
        if (!('reason' in outcome!) || outcome.reason !== 'IDEMPOTENCY_KEY_REUSED')
          this.#answered.note(first, `was contradicted, and answered ${JSON.stringify(outcome)}`);
      } else {
        this.#answered.repeats += 1;
        if ('reason' in outcome! || outcome!.id !== first.id || outcome!.text !== first.text || !outcome!.deduped)
          this.#answered.note(first, `was ${first.id} ${first.text}, and later ${JSON.stringify(outcome)}`);
      }
      return;
    }
  }

  /** Sends calls until each is answered. */
  async #send(
    step: readonly Sent[],
    way: 'one' | 'many' | 'twins',
    server: number,
    signal: AbortSignal,
  ): Promise<void> {
    let left = step;
    if (way === 'twins') {
      for (const sent of step) sent.unsure = true;
      const answers = await Promise.all(this.#apis.map((api) => this.#many(api, step)));
      // One of two copies may be refused before the other is done.
      for (const refusal of [true, false])
        for (const outcomes of answers)
          outcomes.forEach((outcome, i) => {
            if (outcome !== null && 'reason' in outcome === refusal) this.#take(step[i]!, outcome);
          });
      left = step.filter((_, i) => answers.every((outcomes) => outcomes[i] === null));
    }
    for (let turn = server; left.length > 0; turn++) {
      const api = this.#apis[turn % 2]!;
      const outcomes = way === 'one' ? await this.#one(api, left) : await this.#many(api, left);
      outcomes.forEach((outcome, i) => this.#take(left[i]!, outcome));
      left = left.filter((_, i) => outcomes[i] === null);
      if (left.length > 0) await this.#pause(turn, signal);
      // What comes after an unknown one was decided with or without it.
      if (left.length > 0) for (const sent of step) sent.unsure = true;
    }
  }

  async #pause(turn: number, signal: AbortSignal): Promise<void> {
    if (turn > TRIES) throw new Error('calls are not answered however often they are sent');
    this.#answered.retries += 1;
    signal.throwIfAborted();
    await sleep(PAUSE_MS);
  }

  #take(sent: Sent, outcome: Outcome): void {
    if (outcome === null) return;
    if ('reason' in outcome) {
      sent.refused = outcome.reason;
      return;
    }
    if (sent.id !== '' && (sent.id !== outcome.id || sent.text !== outcome.text)) {
      // Of two copies of a call without an effect one may come after another call, and have one.
      if (outcome.id === '') return;
      this.#answered.note(sent, `was ${sent.id} ${sent.text}, and at once ${outcome.id} ${outcome.text}`);
    }
    sent.refused = '';
    sent.id = outcome.id;
    sent.text = outcome.text;
    if (outcome.id !== '' && !outcome.deduped) sent.fresh += 1;
  }

  /** Lets the model follow the calls of a step, in their order. */
  #settle(step: readonly Sent[]): void {
    for (const sent of step) {
      const { engine, user } = sent;
      const balance = this.#balances.get(user) ?? BigInt(PURSE) * 1_000_000n;
      const problem = this.#models.get(engine)!.take(sent, balance, !sent.unsure);
      if (problem !== undefined) this.#answered.note(sent, problem);
      if (sent.id !== '') this.#balances.set(user, balance + engine.gain(sent));
      this.#answered.operations += 1;
      if (sent.refused !== '') this.#answered.refusals += 1;
    }
  }

  async #one(api: Api, step: readonly Sent[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    // One after another: a player may have several, and the rest waits for what is unknown.
    for (const sent of step) {
      if (outcomes.includes(null)) outcomes.push(null);
      else outcomes.push(outcomeOf(sent.engine, await api.call(sent.engine.rpcs.one, itemOf(sent), AUTHORIZATION)));
    }
    return outcomes;
  }

  async #many(api: Api, step: readonly Sent[]): Promise<Outcome[]> {
    const { engine } = step[0]!;
    const { many, outcome } = engine.rpcs;
    const called = await api.call(many, { items: step.map(itemOf) }, AUTHORIZATION);
    const whole = outcomeOf(engine, called, () => true);
    if (whole === null) return step.map(() => null);
    return (called.body as any).results.map((result: any) => {
      if (result.failure === undefined) return engine.answerOf(result[outcome]);
      return AGAIN.has(result.failure.reason) ? null : { reason: result.failure.reason };
    });
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }
}

const itemOf = ({ user, key, request }: Sent): JsonObject => ({ ...request, user_id: user, idempotency_key: key });

function outcomeOf(engine: EngineModel, called: Called, ok?: () => unknown): any {
  if (called.status === 'OK') return ok === undefined ? engine.answerOf(called.body as JsonObject) : ok();
  const reason = called.reason ?? String(called.status);
  return AGAIN.has(reason) || called.reason === null ? null : { reason };
}
