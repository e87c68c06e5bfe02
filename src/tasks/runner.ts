import { Logger, run } from 'graphile-worker';
import pg from 'pg';
import { giveBackAbandoned } from '../db/index.ts';
import { ApiError } from '../kernel/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Order, Task } from './task.ts';

/** How many tasks a process has under way. */
const AT_ONCE = 4;
/** How late a task that was ordered for a time may be noticed. */
const POLL_MS = 500;
const RESTART_MS = 1000;
/** A task takes a batch's time: seconds at the most, 20 of them while the database is away. */
const ABANDONED_S = 60;
const SWEEP_MS = 15_000;

interface TasksHost {
  readonly databaseUrl: string;
  /** Called with what a task rejects with; it is tried again all the same. */
  fault(error: unknown, name: string): void;
}

/** Runs tasks until it is stopped: an order is found by an index on its time, whatever the number of those that wait. */
export class Tasks {
  readonly #host: TasksHost;
  readonly #platform: Platform;
  readonly #tasks: readonly Task[];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  readonly #sweep: NodeJS.Timeout;

  constructor(host: TasksHost, platform: Platform, tasks: readonly Task[]) {
    this.#host = host;
    this.#platform = platform;
    this.#tasks = tasks;
    this.#done = this.#run();
    this.#sweep = setInterval(() => void this.#giveBack(), SWEEP_MS);
  }

  /** Resolves once no task is under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#sweep);
    await this.#done;
  }

  /** A runner that ends by itself, as where the database is started again, is replaced. */
  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // The worker's own pool would be closed after the worker has told its end, and with nobody to hear of its errors.
      const { databaseUrl: connectionString } = this.#host;
      const pool = new pg.Pool({ connectionString, max: AT_ONCE + 1, connectionTimeoutMillis: 5000 });
      pool.on('error', () => undefined);
      pool.on('connect', (client) => client.on('error', () => undefined));
      try {
        const runner = await this.#start(pool);
        const stop = (): void => void runner.stop().catch(() => undefined);
        if (signal.aborted) stop();
        signal.addEventListener('abort', stop);
        await runner.promise.finally(() => signal.removeEventListener('abort', stop));
      } catch (error) {
        if (!signal.aborted) this.#host.fault(error, 'tasks');
      } finally {
        await pool.end();
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    }
  }

  /** Takes up what a killed process has left. */
  async #giveBack(): Promise<void> {
    try {
      await giveBackAbandoned(this.#platform.orm.em.fork(), ABANDONED_S);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#host.fault(error, 'tasks');
    }
  }

  #start(pgPool: pg.Pool): ReturnType<typeof run> {
    const taskList = Object.fromEntries(
      this.#tasks.map((task) => [task.name, (payload: unknown) => this.#perform(task, payload)]),
    );
    return run({
      pgPool,
      taskList,
      concurrency: AT_ONCE,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      noPreparedStatements: false,
      crontab: '',
      // Without these nobody hears that a task's end could not be written, and the process dies of that.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      // What goes wrong is told by `fault`.
      logger: new Logger(() => () => undefined),
    });
  }

  async #perform(task: Task, payload: unknown): Promise<void> {
    try {
      await task.run(this.#platform, payload as Order);
    } catch (error) {
      // What came too early or found no database is tried again, and is nobody's fault.
      if (!(error instanceof ApiError && error.reason === 'UNAVAILABLE')) this.#host.fault(error, task.name);
      // The worker keeps the message: it must say why, and be an Error.
      throw error instanceof ApiError ? new Error(`${error.reason}: ${error.message}`, { cause: error }) : error;
    }
  }
}
