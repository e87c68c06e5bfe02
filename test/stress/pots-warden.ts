import type { JsonObject } from '@bufbuild/protobuf';
import { seeded } from '../support/requests.ts';
import type { Headers } from '../support/api.ts';
import type { Act, AnsweredPots, Deed, Part, Rule, Sent } from './pots-answered.ts';
import { micros } from './jackpot-pot-model.ts';
import { INSTANCES, termsOf } from './pots-instances.ts';
import { patiently, playerOf, type PotsOptions } from './pots-patience.ts';
import type { Places, PotsServer } from './pots-server.ts';

/** What others do meanwhile can refuse a deed so. */
const POSSIBLE: Readonly<Record<Deed['kind'], readonly string[]>> = {
  // The pot may hold more by now than it is set to, which an active instance refuses.
  adjust: ['INSTANCE_NOT_ADJUSTABLE'],
  transfer: ['NOTHING_TO_DROP'],
  trigger: ['NOTHING_TO_DROP'],
  settle: ['WITHHELD_WIN_SETTLED'],
};
/** A raffle gives nothing away while a round is open, and there always is one. */
const RAFFLE_KEEPS = ['INSTANCE_NOT_ADJUSTABLE'];
type Verb = 'Release' | 'Reject';
const VERBS: readonly (readonly Verb[])[] = [['Release'], ['Reject'], ['Release', 'Reject'], ['Release', 'Release']];
const WITHHOLDING = INSTANCES.filter(({ withhold }) => withhold !== undefined).map(({ id }) => id);

/** Whoever runs the instances: adjusts, transfers, triggers and settles, pauses and activates, one after another. */
export class PotsWarden {
  readonly #options: PotsOptions;
  readonly #random: () => number;
  readonly #servers: readonly PotsServer[];
  readonly #places: Places;
  readonly #answered: AnsweredPots;
  readonly #admin: Headers;
  readonly #crowd: readonly string[];
  readonly #own: Sent<Deed>[] = [];
  #tags = 0;
  /** Whether it has gathered the crowd. */
  #gathered = false;

  constructor(
    options: PotsOptions,
    servers: readonly PotsServer[],
    places: Places,
    answered: AnsweredPots,
    admin: Headers,
  ) {
    this.#options = options;
    this.#crowd = Array.from({ length: options.crowd }, (_, i) => `crowd-${i}`);
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

  /**
   * At the end, when nobody contributes any more: wins are settled, one of exactly what is not withheld among them; all
   * money and the opt-ins of `spare` go to `main`, and it is terminated; so are the raffles.
   */
  async close(signal: AbortSignal): Promise<void> {
    const [id, pot, part] = ['spare', 'minor', 'value'] as const;
    const win: Act = { kind: 'trigger', pot, player: playerOf(0, 0) };
    for (let i = 0; i < 4; i++) await this.#deed(id, win, signal);
    await this.#status(id, 'Paused', signal);
    await this.#deed(id, { kind: 'adjust', pot, part, amount: micros(termsOf(id).withhold!.above!) }, signal);
    await this.#status(id, 'Active', signal);
    await this.#deed(id, win, signal);
    for (const verbs of VERBS) for (const one of WITHHOLDING) await this.#settle(one, verbs, signal);
    await this.#status(id, 'Paused', signal);
    await this.#gather(id, signal);
    const rules = termsOf(id).pots.map((one) => ({ from: one.id, to: [[pot, 1_000_000n]] as const }));
    await this.#deed(id, { kind: 'transfer', to: 'main', rules, optIns: true }, signal);
    await this.#status(id, 'Terminated', signal);
    for (const one of INSTANCES) if (one.raffle !== undefined) await this.#status(one.id, 'Terminated', signal);
  }

  async #step(signal: AbortSignal): Promise<void> {
    const dice = this.#random();
    const { id, asset, pots } = this.#pick(INSTANCES);
    const pot = this.#pick(pots).id;
    const before = this.#own[this.#below(this.#own.length)];
    if (dice < 0.15 && before?.text) return this.#again(before, signal);
    if (dice < 0.3) return this.#adjust(id, pot, signal);
    if (dice < 0.5) return this.#settle(this.#pick(WITHHOLDING), this.#pick(VERBS), signal);
    if (dice < 0.75) {
      const player = playerOf(this.#below(this.#options.callers), this.#below(this.#options.playersPerCaller));
      const rules = pots.find((one) => one.id === pot)!.win_rules ?? [];
      if (id === 'opted' || rules.every((rule) => !('external_drop' in rule))) return;
      return this.#deed(id, { kind: 'trigger', pot, player }, signal);
    }
    await this.#status(id, 'Paused', signal);
    const to = INSTANCES.find((one) => one.id !== id && one.asset === asset);
    if (dice < 0.93 && to !== undefined) await this.#transfer(id, to.id, signal);
    else await this.#adjust(id, pot, signal);
    await this.#status(id, 'Active', signal);
  }

  #adjust(id: string, pot: string, signal: AbortSignal): Promise<void> {
    const part = this.#pick<Part>(['value', 'value', 'reserve', 'surplus']);
    // A value stays below what any pot may hold, which is halfway to its bound, or its cap.
    return this.#deed(id, { kind: 'adjust', pot, part, amount: BigInt(1 + this.#below(6_900_000)) }, signal);
  }

  async #transfer(id: string, to: string, signal: AbortSignal): Promise<void> {
    const optIns = this.#random() < 0.5;
    const crowded = optIns && (!this.#gathered || this.#random() < 0.25);
    if (crowded) await this.#gather(id, signal);
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
    await this.#deed(id, { kind: 'transfer', to, rules, optIns }, signal);
  }

  /** The crowd opts out and in again: the choice of each is a new one. */
  async #gather(instance: string, signal: AbortSignal): Promise<void> {
    this.#gathered = true;
    const crowd = [...this.#crowd];
    for (const isIn of [false, true]) {
      const item = { instance_id: this.#places.ids.get(instance)!, brand_id: 'main' };
      const items = [{ ...item, opt_ins: isIn ? crowd : [], opt_outs: isIn ? [] : crowd }];
      const { error_count: errors } = await this.#must('InstanceService.SetOptIns', { items }, signal);
      if (errors !== 0) this.#answered.note({ tag: instance }, `${errors} of the crowd are refused`);
      for (const player of crowd) this.#answered.chose(instance, player, { isIn, wanted: undefined });
    }
  }

  /** Settles a withheld win, by one call or by two at once. */
  async #settle(instance: string, verbs: readonly Verb[], signal: AbortSignal): Promise<void> {
    const id = this.#places.ids.get(instance)!;
    const list = { instance_id: id, status: 'Withheld', limit: 20 };
    const wins: { gameround_id: string }[] = await this.#must('WithheldWinService.ListWithheldWins', list, signal);
    if (wins.length === 0) return;
    const round = this.#pick(wins).gameround_id;
    await Promise.all(verbs.map((verb) => this.#deed(instance, { kind: 'settle', verb, round }, signal)));
  }

  async #deed(instance: string, act: Act, signal: AbortSignal): Promise<void> {
    const sent = this.#answered.first<Deed>({ ...act, instance, tag: `d-${this.#tags++}` });
    this.#own.push(sent);
    await this.#perform(sent, signal);
    const { refused, wish } = sent;
    if (refused === '') return;
    this.#answered.refusals += 1;
    const possible = act.kind === 'transfer' && termsOf(instance).raffle ? RAFFLE_KEEPS : POSSIBLE[act.kind];
    if (!possible.includes(refused)) this.#answered.note(wish, `was refused ${refused}`);
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
    await this.#must('InstanceService.SetInstanceStatus', request, signal);
    this.#answered.statuses.set(instance, [...(this.#answered.statuses.get(instance) ?? []), status]);
  }

  async #must(rpc: string, request: JsonObject, signal: AbortSignal): Promise<any> {
    const server = this.#below(2);
    const called = await patiently(
      (turn) => this.#servers[(server + turn) % this.#servers.length]!.call(rpc, request, this.#admin),
      this.#answered,
      signal,
    );
    if (called.status !== 'OK') throw new Error(`${rpc}: ${called.reason} ${JSON.stringify(called.details)}`);
    return called.body;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }
}
