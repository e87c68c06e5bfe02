import type { Paces } from './source.ts';
import type { Topic } from './topic.ts';

/** A stream ends this much earlier or later than `lifeMs`, so that clients do not return all at once. */
const LIFE_SPREAD = 0.1;

/** Where a client continues, and whether that is not where it was. */
export interface Resumption {
  readonly sequence: number;
  readonly missed: boolean;
}

/** One stream of a topic: how far it is, and what it may send. */
export class Watcher {
  readonly #topic: Topic;
  readonly #paces: Paces;
  readonly #endsAt: number;
  #sequence: number;
  #missed: boolean;
  #version = 0;
  /** Whether it may send a state now, and announcements. */
  #state = true;
  #announcements = true;
  #sentAt: number;
  #wake: (() => void) | undefined;

  /** @param after the sequence of the last event that the client has; null: it has none. */
  constructor(topic: Topic, after: Resumption | null, paces: Paces, now: number) {
    this.#topic = topic;
    this.#paces = paces;
    this.#sequence = after === null ? topic.shown.sequence : Math.max(after.sequence, topic.completeAfter);
    this.#missed = after !== null && (after.missed || after.sequence < topic.completeAfter);
    this.#sentAt = now;
    this.#endsAt = now + paces.lifeMs * (1 + LIFE_SPREAD * (2 * Math.random() - 1));
  }

  visit(state: boolean): void {
    this.#announcements = true;
    if (state) this.#state = true;
    this.wake();
  }

  wake(): void {
    this.#wake?.();
  }

  /** Resolves with the next visit. */
  visited(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  /** What to send now: a response, null for nothing, 'end' to close the stream. Throws READER_TOO_SLOW. */
  next(now: number): object | 'end' | null {
    if (now >= this.#endsAt) return 'end';
    const message = this.#due(now);
    if (message !== null) this.#sentAt = now;
    return message;
  }

  #due(now: number): object | null {
    const { shown } = this.#topic;
    const state = this.#state && shown.version > this.#version;
    const announcement = this.#announcements ? this.#topic.after(this.#sequence) : undefined;
    if (announcement !== undefined && !(state && announcement.sequence > shown.sequence)) {
      this.#sequence = announcement.sequence;
      return announcement.message;
    }
    if (state) {
      this.#version = shown.version;
      this.#sequence = Math.max(this.#sequence, shown.sequence);
      this.#state = false;
      const missed = this.#missed;
      this.#missed = false;
      return this.#topic.stateMessage(this.#sequence, missed);
    }
    this.#announcements = false;
    return this.#state && now - this.#sentAt >= this.#paces.heartbeatMs ? this.#topic.source.heartbeat : null;
  }
}
