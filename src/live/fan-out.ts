import type { Paces } from './source.ts';
import type { Topic } from './topic.ts';

const TICK_MS = 20;

/** What the watchers of a topic are visited for. */
type Purpose = 'announcements' | 'state';

/** A visit of all watchers of a topic, in their order. */
interface Pass {
  readonly topic: Topic;
  readonly startedAt: number;
  /** What it shows: the version of the state, or the sequence of the last announcement. */
  readonly shows: number;
  /** Null: it is over. */
  watchers: Iterator<{ visit(state: boolean): void }> | null;
}

/**
 * Lets watchers send, not all at once: to write to ten thousand streams takes long enough to delay everything else.
 * Each tick visits as many as the paces allow; what is not ready to send costs nothing.
 */
export class FanOut {
  readonly #paces: Paces;
  readonly #passes: Record<Purpose, Map<Topic, Pass>> = { announcements: new Map(), state: new Map() };
  #burst: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(paces: Paces) {
    this.#paces = paces;
    this.#burst = paces.announcementBurst;
  }

  /** Starts the passes that a topic needs now. */
  offer(topic: Topic, now: number): void {
    const { stateMs, heartbeatMs } = this.#paces;
    const announces = this.#start('announcements', topic, topic.announced, { now, pauseMs: 0, repeatMs: Infinity });
    const shows = this.#start('state', topic, topic.shown.version, { now, pauseMs: stateMs, repeatMs: heartbeatMs });
    if (this.#timer !== undefined || !(announces || shows)) return;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  /** Whether a pass was due. */
  #start(
    purpose: Purpose,
    topic: Topic,
    shows: number,
    { now, pauseMs, repeatMs }: { readonly now: number; readonly pauseMs: number; readonly repeatMs: number },
  ): boolean {
    const last = this.#passes[purpose].get(topic);
    if (last !== undefined) {
      const pause = now - last.startedAt;
      if (last.watchers !== null || pause < pauseMs || (last.shows === shows && pause < repeatMs)) return false;
    }
    this.#passes[purpose].set(topic, { topic, startedAt: now, shows, watchers: topic.watchers.values() });
    return true;
  }

  forget(topic: Topic): void {
    for (const passes of Object.values(this.#passes)) passes.delete(topic);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const { statesPerSecond, announcementsPerSecond, announcementBurst } = this.#paces;
    const states = perTick(statesPerSecond);
    this.#burst = Math.min(announcementBurst, this.#burst + states);
    const visited = this.#visit('announcements', Math.min(this.#burst, perTick(announcementsPerSecond)));
    this.#burst -= visited;
    if (visited + this.#visit('state', states) === 0) this.stop();
  }

  /** Visits up to `count` watchers, of all topics in turn. Returns how many it has visited. */
  #visit(purpose: Purpose, count: number): number {
    let visited = 0;
    const passes = [...this.#passes[purpose].values()].filter(({ watchers }) => watchers !== null);
    for (let left = passes.length; left > 0 && visited < count;) {
      for (const pass of passes) {
        if (visited >= count) break;
        if (pass.watchers === null) continue;
        const next = pass.watchers.next();
        if (next.done) {
          pass.watchers = null;
          left -= 1;
          continue;
        }
        next.value.visit(purpose === 'state');
        visited += 1;
      }
    }
    return visited;
  }
}

const perTick = (perSecond: number): number => Math.max(1, Math.round((perSecond * TICK_MS) / 1000));
