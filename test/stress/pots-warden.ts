import { seeded } from '../support/requests.ts';
import type { Headers } from '../support/api.ts';
import type { Act, AnsweredPots, Deed, Part, Rule, Sent } from './pots-answered.ts';
import { INSTANCES, termsOf } from './pots-instances.ts';
import { patiently, playerOf, type PotsOptions } from './pots-patience.ts';
import type { Places, PotsServer } from './pots-server.ts';

/** What others do meanwhile can refuse a deed so. */
const POSSIBLE: Readonly<Record<Deed['kind'], readonly string[]>> = {
  // The pot may hold more by now than it is set to, which an active instance refuses.
  adjust: ['INSTANCE_NOT_ADJUSTABLE'],
  transfer: ['NOTHING_TO_DROP'],
  trigger: ['NOTHING_TO_DROP'],
};

/** Whoever runs the instances: adjusts, transfers and triggers, pauses and activates, one after another. */
export class PotsWarden {
  readonly #options: PotsOptions;
  readonly #random: () => number;
  readonly #servers: readonly PotsServer[];
  readonly #places: Places;
  readonly #answered: AnsweredPots;
  readonly #admin: Headers;
  readonly #own: Sent<Deed>[] = [];
  #tags = 0;

  constructor(
    options: PotsOptions,
    servers: readonly PotsServer[],
    places: Places,
    answered: AnsweredPots,
    admin: Headers,
  ) {
    this.#options = options;
    this.#random = seeded(options.seed * 1000 + 999);
    this.#servers = servers;
    this.#places = places;
    this.#answered = answered;
    this.#admin = admin;
  }

  /** Goes on until the callers are done. */
  async run(signal: AbortSignal, done: () => boolean): Promise<void> {
    while (!done()) {
      signal.throwIfAborted();
      await this.#step(signal);
    }
  }

  /** At the end: all money goes to `main`, and `spare` is terminated. */
  async close(signal: AbortSignal): Promise<void> {
    await this.#status('spare', 'Paused', signal);
    const rules = termsOf('spare').pots.map(({ id }) => ({ from: id, to: [['minor', 1_000_000n]] as const }));
    await this.#deed('spare', { kind: 'transfer', to: 'main', rules }, signal);
    await this.#status('spare', 'Terminated', signal);
  }

  async #step(signal: AbortSignal): Promise<void> {
    const dice = this.#random();
    const { id, asset, pots } = this.#pick(INSTANCES);
    const pot = this.#pick(pots).id;
    const before = this.#own[this.#below(this.#own.length)];
    if (dice < 0.15 && before?.text) return this.#again(before, signal);
    if (dice < 0.35) return this.#adjust(id, pot, signal);
    if (dice < 0.7) {
      const player = playerOf(this.#below(this.#options.callers), this.#below(this.#options.playersPerCaller));
      if (id === 'opted' || pots.find((one) => one.id === pot)!.win_rules!.every((rule) => !('external_drop' in rule)))
        return;
      return this.#deed(id, { kind: 'trigger', pot, player }, signal);
    }
    await this.#status(id, 'Paused', signal);
    const to = INSTANCES.find((one) => one.id !== id && one.asset === asset);
    if (dice < 0.85 && to !== undefined) await this.#transfer(id, to.id, signal);
    else await this.#adjust(id, pot, signal);
    await this.#status(id, 'Active', signal);
  }

  #adjust(id: string, pot: string, signal: AbortSignal): Promise<void> {
    const part = this.#pick<Part>(['value', 'value', 'reserve', 'surplus']);
    // A value stays below what any pot may hold, which is halfway to its bound, or its cap.
    return this.#deed(id, { kind: 'adjust', pot, part, amount: BigInt(1 + this.#below(6_900_000)) }, signal);
  }

  #transfer(id: string, to: string, signal: AbortSignal): Promise<void> {
    const targets = termsOf(to).pots;
    const rules = termsOf(id).pots.map((pot): Rule => {
      const [one, other] = [this.#pick(targets).id, this.#pick(targets).id];
      const part = BigInt(1 + this.#below(999_998));
      return {
        from: pot.id,
        to:
          one === other
            ? [[one, 1_000_000n]]
            : [
                [one, part],
                [other, 1_000_000n - part],
              ],
      };
    });
    return this.#deed(id, { kind: 'transfer', to, rules }, signal);
  }

  async #deed(instance: string, act: Act, signal: AbortSignal): Promise<void> {
    const sent = this.#answered.first<Deed>({ ...act, instance, tag: `d-${this.#tags++}` });
    this.#own.push(sent);
    await this.#perform(sent, signal);
    const { refused, wish } = sent;
    if (refused === '') return;
    this.#answered.refusals += 1;
    if (!POSSIBLE[act.kind].includes(refused)) this.#answered.note(wish, `was refused ${refused}`);
  }

  /** The same again, at another time: it is not done again. */
  async #again(sent: Sent<Deed>, signal: AbortSignal): Promise<void> {
    this.#answered.repeats += 1;
    await this.#perform(sent, signal);
    if (sent.refused !== '') this.#answered.note(sent.wish, `was ${sent.text}, and refused ${sent.refused} later`);
  }

  async #perform(sent: Sent<Deed>, signal: AbortSignal): Promise<void> {
    const server = this.#below(2);
    const twins = this.#random() < 0.2;
    if (twins) {
      const outcomes = await Promise.all(this.#servers.map((one) => one.deed(sent.wish, this.#admin)));
      for (const outcome of outcomes) if (outcome !== null && 'text' in outcome) this.#answered.take(sent, outcome);
    }
    const outcome = await patiently(
      (turn) => this.#servers[(server + turn) % this.#servers.length]!.deed(sent.wish, this.#admin),
      this.#answered,
      signal,
    );
    this.#answered.take(sent, outcome);
  }

  async #status(instance: string, status: string, signal: AbortSignal): Promise<void> {
    const request = { instance_id: this.#places.ids.get(instance)!, status };
    const server = this.#below(2);
    const called = await patiently(
      (turn) =>
        this.#servers[(server + turn) % this.#servers.length]!.call(
          'InstanceService.SetInstanceStatus',
          request,
          this.#admin,
        ),
      this.#answered,
      signal,
    );
    if (called.status !== 'OK')
      throw new Error(`SetInstanceStatus: ${called.reason} ${JSON.stringify(called.details)}`);
    this.#answered.statuses.set(instance, [...(this.#answered.statuses.get(instance) ?? []), status]);
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }
}
