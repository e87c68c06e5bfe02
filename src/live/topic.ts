import { isDeepStrictEqual } from 'node:util';
import {
  factsIn,
  lastSequence,
  rowOfAggregate,
  type AggregateFact,
  type AggregateName,
  type Change,
  type Register,
} from '../journal/index.ts';
import type { Reads } from '../db/index.ts';
import { ApiError } from '../kernel/index.ts';
import type { Source } from './source.ts';

/** How many announcements are kept for watchers that are behind. */
const KEPT = 1000;

/** A stream of the topic, as others handle it. */
interface Stream {
  /** Lets it send what there is: announcements, or the state too. */
  visit(state: boolean): void;
  /** Has it look at once whether it is to end. */
  wake(): void;
}

interface Announcement {
  readonly sequence: number;
  readonly message: object;
}

interface Shown {
  readonly state: unknown;
  /** Counts the states, from 1. */
  readonly version: number;
  /** All announcements up to this one belong before the state. */
  readonly sequence: number;
}

/**
 * What all watchers of one source share: its state and its last announcements. Watchers keep only how far they are, so
 * one that does not read costs no memory.
 */
export class Topic {
  readonly source: Source;
  readonly watchers = new Set<Stream>();
  /** Up to which sequence each aggregate's facts have been read. */
  readonly seen: Map<AggregateName, number>;
  readonly #register: Register;
  readonly #announcements: Announcement[] = [];
  /** All announcements after this sequence are kept. */
  #completeAfter: number;
  #shown: Shown;
  readonly #messages = new Map<string, object>();
  /** When it was last watched. */
  watchedAt = 0;
  /** Why all its streams end. */
  failure: ApiError | undefined;
  /** Whether somebody waits for a newer state. */
  hurries = false;
  #readAt = 0;
  #changes = 0;
  #changesRead = 0;

  private constructor(
    source: Source,
    register: Register,
    seen: Map<AggregateName, number>,
    state: unknown,
    completeAfter: number,
  ) {
    this.source = source;
    this.#register = register;
    this.seen = seen;
    this.#completeAfter = completeAfter;
    this.#shown = { state, version: 1, sequence: seen.get(source.aggregate)! };
  }

  /** Reads the state, and what was announced before it. */
  static async open(source: Source, reads: Reads, register: Register): Promise<Topic> {
    const { operator, aggregate, kinds } = source;
    // First the positions of the aggregates that only change the state, then the state, then the position up to which
    // it may contain announcements: so nothing is missed, and no state shows what is still to be announced.
    const seen = await positionsOf(source, await source.state(), reads, register);
    const state: unknown = await source.state();
    const sequence = await reads((em) => lastSequence(em, register, operator, aggregate));
    seen.set(aggregate, sequence);
    const { operations, complete } = await source.recent();
    const facts = await reads((em) =>
      factsIn(em, register, operations, { operator, aggregate: rowOfAggregate(aggregate), kinds }),
    );
    const first = complete || facts.length === 0 ? 1 : facts[0]!.sequence;
    const topic = new Topic(source, register, seen, state, complete ? 0 : Math.min(first - 1, sequence));
    topic.#readAt = performance.now();
    topic.announce(facts.filter((fact) => fact.sequence <= sequence));
    return topic;
  }

  /** The sequence up to which all announcements are known. */
  get sequence(): number {
    return this.seen.get(this.source.aggregate)!;
  }

  get shown(): Shown {
    return this.#shown;
  }

  get completeAfter(): number {
    return this.#completeAfter;
  }

  /** The sequence of the last announcement; 0: there is none. */
  get announced(): number {
    return this.#announcements.at(-1)?.sequence ?? 0;
  }

  /** Whether the state is to be read: it has changed, is watched, and was not read within the last `everyMs`. */
  isDue(now: number, everyMs: number): boolean {
    const { refreshMs = Infinity } = this.source;
    const age = now - this.#readAt;
    if (this.hurries) return true;
    return this.watchers.size > 0 && (age >= refreshMs || (this.#changes !== this.#changesRead && age >= everyMs));
  }

  /** Whether its state has changed, and was read longer ago than this: nobody was watching. */
  isOld(now: number, afterMs: number): boolean {
    return this.#changes !== this.#changesRead && now - this.#readAt >= afterMs;
  }

  /** Notes what the journal has on one of its aggregates. */
  note({ aggregate, sequence }: Change): void {
    this.seen.set(aggregate, sequence);
    this.#changes += 1;
  }

  announce(facts: readonly AggregateFact[]): void {
    for (const fact of facts) {
      const message = this.source.announce(fact, String(fact.sequence));
      this.#announcements.push({ sequence: fact.sequence, message });
    }
    const excess = this.#announcements.length - KEPT;
    if (excess > 0) this.#completeAfter = this.#announcements.splice(0, excess).at(-1)!.sequence;
  }

  /** Reads the state. It is shown by the returned function, once all that it contains was announced. */
  async read(now: number, reads: Reads): Promise<() => void> {
    const changes = this.#changes;
    this.#readAt = now;
    const state: unknown = await this.source.state();
    await this.#follow(state, reads);
    return () => {
      this.#changesRead = changes;
      this.hurries = false;
      if (isDeepStrictEqual(state, this.#shown.state)) return;
      this.#messages.clear();
      this.#shown = { state, version: this.#shown.version + 1, sequence: this.sequence };
    };
  }

  /** Follows the aggregates of a state. What has changed on a new one before it is followed is in the next state. */
  async #follow(state: unknown, reads: Reads): Promise<void> {
    const others = this.source.others(state);
    if (others.every((one) => this.seen.has(one)) && this.seen.size === others.length + 1) return;
    const positions = await positionsOf(this.source, state, reads, this.#register);
    for (const one of this.seen.keys()) if (one !== this.source.aggregate && !positions.has(one)) this.seen.delete(one);
    for (const [one, sequence] of positions) if (!this.seen.has(one)) this.seen.set(one, sequence);
    this.#changes += 1;
  }

  /** The first announcement after a sequence. Throws READER_TOO_SLOW if some are no longer kept. */
  after(sequence: number): Announcement | undefined {
    const last = this.#announcements.at(-1);
    if (last === undefined || last.sequence <= sequence) return undefined;
    if (sequence < this.#completeAfter)
      throw new ApiError('READER_TOO_SLOW', `more than ${KEPT} events were not read in time`);
    let at = this.#announcements.length - 1;
    while (at > 0 && this.#announcements[at - 1]!.sequence > sequence) at -= 1;
    return this.#announcements[at];
  }

  /** The response with the state: one object for all watchers, so that it is encoded once. */
  stateMessage(sequence: number, missed: boolean): object {
    const key = `${sequence} ${missed}`;
    let message = this.#messages.get(key);
    if (message === undefined) {
      message = this.source.showState(this.#shown.state, String(sequence), missed);
      this.#messages.set(key, message);
    }
    return message;
  }
}

/** Up to where the facts of a state's other aggregates are known. */
async function positionsOf(
  source: Source,
  state: unknown,
  reads: Reads,
  register: Register,
): Promise<Map<AggregateName, number>> {
  const positions = new Map<AggregateName, number>();
  for (const one of source.others(state))
    positions.set(one, await reads((em) => lastSequence(em, register, source.operator, one)));
  return positions;
}
