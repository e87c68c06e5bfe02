import { setImmediate as nextTurn } from 'node:timers/promises';
import { ApiError, type OperatorNo } from '../kernel/index.ts';
import type { Activity } from './activity.ts';
import { BatchRunner, type BatchHost } from './batch.ts';
import type { Call } from './call.ts';

/** The maximum number of calls in a batch: with more, throughput no longer rises and latency grows. */
const BATCH_CALLS = 512;
/** The maximum number of calls of one operator that wait in a lane: about a fifth of a second of work. */
const QUEUE_CALLS = 10_000;

/**
 * Collects calls while a batch is running, and runs them as the next one. Each batch has one operator; they take turns.
 */
export class Lane {
  readonly #runner: BatchRunner;
  readonly #queues = new Map<OperatorNo, Call[]>();
  #running: Promise<void> | null = null;
  /** The number of batches that were run, and of their calls, for metrics. */
  readonly stats = { batches: 0, calls: 0 };

  constructor(host: BatchHost, activity: Activity) {
    this.#runner = new BatchRunner(host, activity);
  }

  /** Queues a call. It is rejected with OVERLOADED if its operator's queue is full. */
  add(call: Call): void {
    const { operator } = call.options;
    let queue = this.#queues.get(operator);
    if (queue === undefined) this.#queues.set(operator, (queue = []));
    if (queue.length >= QUEUE_CALLS) {
      return call.reject(new ApiError('OVERLOADED', 'too many calls are waiting', { retryAfterMs: 200 }));
    }
    queue.push(call);
    this.#running ??= this.#drain();
  }

  /** Resolves once no call waits or runs, and each outcome has been reported. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
    await nextTurn();
  }

  async close(): Promise<void> {
    await this.idle();
    await this.#runner.close();
  }

  async #drain(): Promise<void> {
    // All calls of one read from the network should be in the first batch.
    await nextTurn();
    for (;;) {
      const next = this.#queues.entries().next();
      if (next.done === true) break;
      const [operator, queue] = next.value;
      this.#queues.delete(operator);
      const taken = queue.length <= BATCH_CALLS ? queue : queue.splice(0, BATCH_CALLS);
      // After the other operators: each gets its turn.
      if (queue !== taken) this.#queues.set(operator, queue);
      await this.#runBatch(operator, taken.filter(isWanted));
    }
    this.#running = null;
  }

  async #runBatch(operator: OperatorNo, calls: readonly Call[]): Promise<void> {
    if (calls.length === 0) return;
    this.stats.batches += 1;
    this.stats.calls += calls.length;
    try {
      const settled = await this.#runner.run(operator, calls);
      const later = settled.filter(({ outcome }) => outcome.is === 'later').map(({ call }) => call);
      if (later.length > 0) this.#queues.set(operator, [...later, ...(this.#queues.get(operator) ?? [])]);
      // The next batch is sent first: PostgreSQL works on it while the answers of this one are written.
      setImmediate(() => this.#runner.settle(settled));
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }
}

/** Rejects a call that was aborted or whose deadline has passed: it was not started, so it has had no effect. */
function isWanted({ options: { deadlineMs, signal }, reject }: Call): boolean {
  if (signal?.aborted === true)
    reject(signal.reason instanceof ApiError ? signal.reason : new ApiError('CANCELLED', 'the caller left'));
  else if (deadlineMs <= Date.now())
    reject(new ApiError('DEADLINE_EXCEEDED', 'the time was up before the call was begun'));
  else return true;
  return false;
}
