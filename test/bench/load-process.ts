import { fork } from 'node:child_process';
import type { Slice } from './driver.ts';

/** The messages to the load process. */
export type Order =
  | { readonly is: 'open'; readonly driver: string; readonly options: object }
  | { readonly is: 'prepare'; readonly handle: number; readonly seconds: number }
  | { readonly is: 'slice'; readonly handle: number; readonly inFlight: number; readonly seconds: number }
  | { readonly is: 'end' };

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** The process that sends the load: one for all cases, of which one runs at a time. */
export class LoadProcess {
  readonly #child = fork(new URL('load.ts', import.meta.url), { serialization: 'advanced' });
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #orders = 0;

  constructor() {
    this.#child.on('message', ({ id, answer, error }: { id: number; answer?: unknown; error?: string }) => {
      const { resolve, reject } = this.#waiting.get(id)!;
      this.#waiting.delete(id);
      if (error === undefined) resolve(answer);
      else reject(new Error(error));
    });
    this.#exited = new Promise((resolve) =>
      this.#child.once('exit', () => {
        for (const { reject } of this.#waiting.values()) reject(new Error('the load process has ended'));
        resolve();
      }),
    );
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Opens a driver; resolves to its handle. */
  open(driver: URL, options: object): Promise<number> {
    return this.#order({ is: 'open', driver: driver.href, options }) as Promise<number>;
  }

  async prepare(handle: number, seconds: number): Promise<void> {
    await this.#order({ is: 'prepare', handle, seconds });
  }

  slice(handle: number, inFlight: number, seconds: number): Promise<Slice> {
    return this.#order({ is: 'slice', handle, inFlight, seconds }) as Promise<Slice>;
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.send({ id: 0, order: { is: 'end' } });
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#exited;
    clearTimeout(late);
  }

  #order(order: Order): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.#orders;
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, order });
    });
  }
}
