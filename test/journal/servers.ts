import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask, Reply } from './server-process.ts';

const PROGRAM = new URL('./server-process.ts', import.meta.url).pathname;

/** A server in a separate process. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (reply: Reply | null) => void>();
  #n = 0;
  #ended = false;
  /** How many replies it gave. */
  replies = 0;

  constructor(databaseUrl: string) {
    this.#child = fork(PROGRAM, [databaseUrl], { serialization: 'advanced' });
    this.#child.on('message', ({ n, reply }: { n: number; reply: Reply }) => {
      this.replies += 1;
      this.#waiting.get(n)?.(reply);
      this.#waiting.delete(n);
    });
    this.#child.on('error', () => undefined);
    this.#child.once('exit', () => {
      this.#ended = true;
      for (const resolve of this.#waiting.values()) resolve(null);
      this.#waiting.clear();
    });
  }

  /** The server's reply; null if it was killed before it gave one. */
  ask(ask: Ask): Promise<Reply | null> {
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting.set(++this.#n, resolve);
      this.#child.send({ n: this.#n, ask });
    });
  }

  kill(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.kill('SIGKILL');
    });
  }
}

/** Servers on one database; one that is killed is replaced by a new one. */
export class Servers {
  readonly #url: string;
  readonly #servers: ServerProcess[];
  kills = 0;

  constructor(databaseUrl: string, count: number) {
    this.#url = databaseUrl;
    this.#servers = Array.from({ length: count }, () => new ServerProcess(databaseUrl));
  }

  /** Asks any server, and again until one replies. */
  async ask(ask: Ask, random: () => number): Promise<Reply> {
    for (;;) {
      const reply = await this.#servers[Math.floor(random() * this.#servers.length)]!.ask(ask);
      if (reply !== null && !(reply.is === 'refused' && reply.reason === 'UNAVAILABLE')) return reply;
      await sleep(20);
    }
  }

  /** Kills a server that is at work; none if it has not replied yet. */
  async killOne(random: () => number): Promise<void> {
    const i = Math.floor(random() * this.#servers.length);
    if (this.#servers[i]!.replies === 0) return;
    await this.#servers[i]!.kill();
    this.#servers[i] = new ServerProcess(this.#url);
    this.kills += 1;
  }

  async end(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()));
  }
}
