import { fork } from 'node:child_process';

/** How many watchers to hold, and of what; those that were held before leave. */
export interface WatchersOrder {
  readonly watchers: number;
  readonly target: {
    /** `http://host:port` of a server, or of an Envoy. */
    readonly base: string;
    readonly jackpot: string;
    /** Whether to watch over REST. */
    readonly rest: boolean;
  };
}

/** What the watchers have received since they were opened. */
export interface WatchersCount {
  /** Watchers with a first event. */
  readonly open: number;
  readonly events: number;
  readonly hits: number;
  /** Streams that have ended. */
  readonly ended: number;
}

interface Answer {
  readonly id: number;
  readonly count: WatchersCount;
  readonly error?: string;
}

/** A process that holds watchers: what they cost their clients is nobody's figure. */
export class Watchers {
  readonly #child = fork(new URL('watchers-process.ts', import.meta.url));
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #orders = 0;

  constructor() {
    this.#child.on('message', (answer: Answer) => this.#waiting.get(answer.id)?.(answer));
    this.#child.once('exit', () => {
      const count = { open: 0, events: 0, hits: 0, ended: 0 };
      for (const [id, answer] of this.#waiting) answer({ id, count, error: 'the process of the watchers has ended' });
    });
  }

  /** Resolves once all have their first event. */
  async hold(order: WatchersOrder): Promise<void> {
    await this.#order(order);
  }

  count(): Promise<WatchersCount> {
    return this.#order('count');
  }

  end(): void {
    this.#child.kill();
  }

  #order(order: WatchersOrder | 'count'): Promise<WatchersCount> {
    return new Promise((resolve, reject) => {
      const id = ++this.#orders;
      this.#waiting.set(id, ({ count, error }) => {
        this.#waiting.delete(id);
        if (error === undefined) resolve(count);
        else reject(new Error(error));
      });
      this.#child.send({ id, order });
    });
  }
}
