import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** What is watched: where the faces are, and the processes' numbers. */
export interface Watched {
  readonly base: string;
  readonly grpc: string;
  readonly server: number;
  readonly envoy: number;
  /** A call of another operator. */
  readonly play: { readonly path: string; readonly headers: Record<string, string>; readonly bytes: Uint8Array };
}

/** The worst since the last look. */
export interface Seen {
  restMs: number;
  grpcMs: number;
  /** Of a call of another operator. */
  rivalMs: number;
  asked: number;
  /** Questions for health, and calls of the other operator, that had no good answer; and what they had. */
  unanswered: number;
  refused: string[];
  /** The most memory that each had. */
  serverMb: number;
  envoyMb: number;
}

function worse(one: Seen, other: Seen): Seen {
  return {
    restMs: Math.max(one.restMs, other.restMs),
    grpcMs: Math.max(one.grpcMs, other.grpcMs),
    rivalMs: Math.max(one.rivalMs, other.rivalMs),
    refused: [...one.refused, ...other.refused],
    unanswered: one.unanswered + other.unanswered,
    asked: one.asked + other.asked,
    serverMb: Math.max(one.serverMb, other.serverMb),
    envoyMb: Math.max(one.envoyMb, other.envoyMb),
  };
}

const CALM_MS = 200;
const CALM_TRIES = 60;

/** Watches the health of a server and its Envoy, and their memory. */
export class Watch {
  readonly #worker: Worker;
  #whole: Seen | null = null;

  constructor(watched: Watched) {
    this.#worker = new Worker(new URL('watch-worker.ts', import.meta.url), { workerData: watched });
  }

  /** The worst since it was called last. */
  async take(): Promise<Seen> {
    this.#worker.postMessage('take');
    const [seen] = (await once(this.#worker, 'message')) as [Seen];
    this.#whole = this.#whole === null ? seen : worse(this.#whole, seen);
    return seen;
  }

  /** The worst since this was called last, whatever was taken meanwhile. */
  async takeWhole(): Promise<Seen> {
    const seen = await this.take();
    const whole = this.#whole ?? seen;
    this.#whole = null;
    return whole;
  }

  /** Waits until health is answered promptly, so that an attack does not have what the one before it has left. */
  async calm(): Promise<void> {
    for (let tries = 0; tries < CALM_TRIES; tries++) {
      await this.take();
      await sleep(350);
      const { restMs, grpcMs, rivalMs, unanswered, asked } = await this.take();
      if (asked > 0 && unanswered === 0 && Math.max(restMs, grpcMs, rivalMs) < CALM_MS) return;
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
