import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, run } from 'graphile-worker';
import pg from 'pg';
import { giveBackAbandoned, settingsText, SILENCE_SETTINGS, WATCHED_POOL } from '../db/index.ts';
import { ApiError } from '../kernel/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Order, Task } from './task.ts';

/** How many tasks a process runs at once. */
const AT_ONCE = 4;
/** How often due tasks are polled: a task may start this much late. */
const POLL_MS = 500;
const RESTART_MS = 1000;
/** A task takes as long as a batch: seconds at the most, 20 while the database is down. */
const ABANDONED_S = 60;
/** After a crash of the database the worker's graceful shutdown was seen to hang for more than two minutes. */
const STOP_MS = 10_000;
const SWEEP_MS = 15_000;

interface TasksHost {
  readonly databaseUrl: string;
  /** Called with the error of a task; the task is retried in any case. */
  fault(error: unknown, name: string): void;
}

/** Runs tasks until it is stopped. Due orders are found by an index on their time, however many are waiting. */
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

  /** Resolves once no task is running, or after 10 s: what is still running then is retried by another process. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#sweep);
    await Promise.race([this.#done, sleep(STOP_MS, undefined, { ref: false })]);
  }

  /** Replaces the runner if it stops unexpectedly, for example when the database restarts. */
  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // The worker would close its own pool after it has reported its end, without a listener for the pool's errors.
      const pool = openPool(this.#host.databaseUrl);
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
      if (!signal.aborted) await sleep(RESTART_MS);
    }
  }

  /** Releases the tasks of killed processes. */
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
      // Without these an error when a task's end is saved would be unhandled, and would kill the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      // Errors are reported to `fault`.
      logger: new Logger(() => () => undefined),
    });
  }

  async #perform(task: Task, payload: unknown): Promise<void> {
    try {
      await task.run(this.#platform, payload as Order);
    } catch (error) {
      // A task that ran too early, or without a database, is retried. That is not an internal error.
      if (!(error instanceof ApiError && error.reason === 'UNAVAILABLE')) this.#host.fault(error, task.name);
      // The worker stores the message: it must say why, and be an Error.
      throw error instanceof ApiError ? new Error(`${error.reason}: ${error.message}`, { cause: error }) : error;
    }
  }
}

function openPool(connectionString: string): pg.Pool {
  return new pg.Pool({
    ...WATCHED_POOL,
    connectionString,
    max: AT_ONCE + 1,
    application_name: 'windfall tasks',
    connectionTimeoutMillis: 5000,
    options: settingsText(SILENCE_SETTINGS),
  });
}
