import { setTimeout as sleep } from 'node:timers/promises';
import type { Reads } from '../db/index.ts';
import {
  changesSince,
  factsIn,
  lastSequence,
  rowOfAggregate,
  type AggregateName,
  type Change,
  type Register,
} from '../journal/index.ts';
import { ApiError, type OperatorNo } from '../kernel/index.ts';
import { FanOut } from './fan-out.ts';
import { PACES, type Paces, type Source } from './source.ts';
import { Topic } from './topic.ts';
import { Watcher, type Resumption } from './watcher.ts';

/** How many states are read at a time. */
const READING = 4;

interface LiveHost {
  readonly reads: Reads;
  readonly register: Register;
  fault(error: unknown, name: string): void;
}

/**
 * The live streams of a process. While anybody watches, one reader looks into the journal for all of them: it finds
 * what has changed and what is announced; a changed state is read once for all its watchers.
 */
export class Live {
  readonly #host: LiveHost;
  readonly #paces: Paces;
  readonly #fanOut: FanOut;
  /** By the key of their source. */
  readonly #topics = new Map<string, Promise<Topic>>();
  readonly #open = new Map<Topic, string>();
  readonly #stop = new AbortController();
  #reading: Promise<void> | null = null;
  /** Those who wait for a round. */
  readonly #waiting: (() => void)[] = [];

  constructor(host: LiveHost, paces: Partial<Paces> = {}) {
    this.#host = host;
    this.#paces = { ...PACES, ...paces };
    this.#fanOut = new FanOut(this.#paces);
  }

  /** Stops the reader. End the streams first. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#fanOut.stop();
    await this.#reading;
  }

  /**
   * Watches a source: yields the responses of the stream, until the signal aborts.
   * @param key identifies the source, with its operator.
   * @param lastEventId the id of the last event that the client has; empty: none.
   */
  async *watch<Response extends object>(
    key: string,
    source: () => Promise<Source>,
    lastEventId: string,
    signal: AbortSignal,
  ): AsyncGenerator<Response> {
    const [topic, after] = await this.#join(key, source, lastEventId, signal);
    const watcher = new Watcher(topic, after, this.#paces, performance.now());
    const wake = (): void => watcher.wake();
    signal.addEventListener('abort', wake);
    topic.watchers.add(watcher);
    try {
      for (;;) {
        signal.throwIfAborted();
        if (topic.failure !== undefined) throw topic.failure;
        const next = watcher.next(performance.now());
        if (next === 'end') return;
        if (next === null) await watcher.visited();
        else yield next as Response;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      topic.watchers.delete(watcher);
      topic.watchedAt = performance.now();
    }
  }

  async #join(
    key: string,
    source: () => Promise<Source>,
    lastEventId: string,
    signal: AbortSignal,
  ): Promise<[Topic, Resumption | null]> {
    for (;;) {
      const known = this.#topics.has(key);
      const topic = await this.#topic(key, source);
      // One who continues gets all that has happened until now, and then the state. Nobody gets an old state.
      if (known && (lastEventId !== '' || topic.isOld(performance.now(), 2 * this.#paces.stateMs))) {
        topic.hurries = true;
        await this.#nextRound(signal);
      }
      const after = await this.#resume(topic, lastEventId);
      signal.throwIfAborted();
      // It may be forgotten in the meantime, or be far behind after an outage.
      if (after !== 'behind' && this.#open.has(topic)) return [topic, after];
    }
  }

  /** Resolves after a round that begins later than now, or when the signal aborts. */
  #nextRound(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', go);
        resolve();
      };
      signal.addEventListener('abort', go);
      this.#waiting.push(go);
    });
  }

  #topic(key: string, source: () => Promise<Source>): Promise<Topic> {
    const known = this.#topics.get(key);
    if (known !== undefined) return known;
    const opening = source().then(async (found) => {
      const topic = await Topic.open(found, this.#host.reads, this.#host.register);
      topic.watchedAt = performance.now();
      this.#open.set(topic, key);
      this.#reading ??= this.#read();
      return topic;
    });
    this.#topics.set(key, opening);
    opening.catch(() => this.#topics.delete(key));
    return opening;
  }

  /** Where a client continues. A sequence that this process has not reached is known to another one, or to nobody. */
  async #resume(topic: Topic, lastEventId: string): Promise<Resumption | 'behind' | null> {
    if (lastEventId === '') return null;
    const sequence = Number(lastEventId);
    const { operator, aggregate } = topic.source;
    if (sequence <= topic.sequence) return { sequence, missed: false };
    const last = await this.#host.reads((em) => lastSequence(em, this.#host.register, operator, aggregate));
    return sequence <= last ? 'behind' : { sequence: topic.shown.sequence, missed: true };
  }

  async #read(): Promise<void> {
    const { signal } = this.#stop;
    let failed = false;
    while (this.#open.size > 0 && !signal.aborted) {
      await sleep(this.#paces.pollMs, undefined, { signal }).catch(() => undefined);
      const waiting = this.#waiting.splice(0);
      const errors = await this.#roundOfAll(failed);
      // The next round continues where this one was.
      if (errors.length > 0 && !failed && !signal.aborted) this.#host.fault(errors[0], 'live');
      failed = errors.length > 0;
      for (const go of waiting) go();
      this.#retire();
    }
    this.#reading = null;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** A round for each operator. What fails for one does not stop the others. */
  async #roundOfAll(checked: boolean): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const [operator, topics] of Map.groupBy(this.#open.keys(), ({ source }) => source.operator)) {
      try {
        if (checked) await this.#check(topics);
        await this.#round(operator, topics);
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }

  async #round(operator: OperatorNo, topics: readonly Topic[]): Promise<void> {
    const now = performance.now();
    const { reads } = this.#host;
    // Announcements are read after the states, and come before them: no state shows what is still to be announced.
    const due = topics.filter((topic) => topic.isDue(now, this.#paces.stateMs));
    const shows: PromiseSettledResult<() => void>[] = [];
    for (let at = 0; at < due.length; at += READING)
      shows.push(...(await Promise.allSettled(due.slice(at, at + READING).map((topic) => topic.read(now, reads)))));
    const kinds = [...new Set(topics.flatMap(({ source }) => source.kinds))];
    const changes = await reads((em) => changesSince(em, this.#host.register, operator, positions(topics), kinds));
    const byName = new Map(changes.map((change) => [change.aggregate, change]));
    const advances = await Promise.allSettled(topics.map((topic) => this.#advance(topic, byName)));
    for (const show of shows) if (show.status === 'fulfilled') show.value();
    for (const topic of topics) this.#fanOut.offer(topic, now);
    // A state or an announcement that cannot be read holds up none but its own watchers.
    const failed = [...shows, ...advances].find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #advance(topic: Topic, changes: ReadonlyMap<AggregateName, Change>): Promise<void> {
    const { operator, aggregate: own, kinds } = topic.source;
    for (const [name, seen] of topic.seen) {
      const change = changes.get(name);
      if (change === undefined || change.sequence <= seen) continue;
      const operations = change.wanted.filter(({ sequence }) => sequence > seen).map(({ operationId }) => operationId);
      if (name === own && operations.length > 0) {
        const aggregate = rowOfAggregate(own);
        const facts = await this.#host.reads((em) =>
          factsIn(em, this.#host.register, operations, { operator, aggregate, kinds }),
        );
        topic.announce(facts.filter(({ sequence }) => sequence > seen && sequence <= change.sequence));
      }
      topic.note(change);
    }
  }

  /** After an outage the database may be a restored backup, which knows less than was shown. */
  async #check(topics: readonly Topic[]): Promise<void> {
    for (const topic of topics) {
      const { operator, aggregate } = topic.source;
      const last = await this.#host.reads((em) => lastSequence(em, this.#host.register, operator, aggregate));
      if (last >= topic.sequence) continue;
      topic.failure = new ApiError('UNAVAILABLE', 'the database has changed: connect again');
      for (const watcher of topic.watchers) watcher.wake();
      this.#forget(topic);
    }
  }

  #retire(): void {
    const now = performance.now();
    for (const topic of this.#open.keys())
      if (topic.watchers.size === 0 && now - topic.watchedAt > this.#paces.keptMs) this.#forget(topic);
  }

  #forget(topic: Topic): void {
    this.#topics.delete(this.#open.get(topic)!);
    this.#open.delete(topic);
    this.#fanOut.forget(topic);
  }
}

/** How far each aggregate has been read: as far as the topic that is behind. */
function positions(topics: readonly Topic[]): Map<AggregateName, number> {
  const all = new Map<AggregateName, number>();
  for (const { seen } of topics)
    for (const [name, sequence] of seen) all.set(name, Math.min(sequence, all.get(name) ?? sequence));
  return all;
}
