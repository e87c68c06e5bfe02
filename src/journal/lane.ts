import { setImmediate as nextTurn } from 'node:timers/promises';
import { ApiError, type OperatorNo } from '../kernel/index.ts';
import { BatchRunner, type BatchHost } from './batch.ts';
import type { Call } from './call.ts';

/** The most calls that a batch takes: beyond it, rates no longer rise and answers come later. */
const BATCH_CALLS = 512;
/** The most calls of one operator that wait in a lane: about a fifth of a second's work. */
const QUEUE_CALLS = 10_000;

/** Collects calls while a batch is under way, and runs them as the next one: one operator a batch, taking turns. */
export class Lane {
  readonly #runner: BatchRunner;
  readonly #queues = new Map<OperatorNo, Call[]>();
  #running: Promise<void> | null = null;
  /** Batches run and calls taken, for metrics. */
  readonly stats = { batches: 0, calls: 0 };

  constructor(host: BatchHost) {
    this.#runner = new BatchRunner(host);
  }

  /** Queues a call. It is rejected as OVERLOADED when its operator's queue is full. */
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

  /** Resolves once no call waits or runs, and each has been told. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
    await nextTurn();
  }

  async close(): Promise<void> {
    await this.idle();
    await this.#runner.close();
  }

  async #drain(): Promise<void> {
    // So that all calls of one read from the network are in the first batch.
    await nextTurn();
    for (;;) {
      const next = this.#queues.entries().next();
      if (next.done === true) break;
      const [operator, queue] = next.value;
      this.#queues.delete(operator);
      const taken = queue.length <= BATCH_CALLS ? queue : queue.splice(0, BATCH_CALLS);
      // Behind the other operators: each gets its turn.
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
      // The next batch is sent first: PostgreSQL works on it while this one's answers are written.
      setImmediate(() => this.#runner.settle(settled));
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }
}

/** Drops a call that was aborted or whose time is up: it was not begun, so nothing of it is done. */
function isWanted({ options: { deadlineMs, signal }, reject }: Call): boolean {
  if (signal?.aborted === true)
    reject(signal.reason instanceof ApiError ? signal.reason : new ApiError('CANCELLED', 'the caller left'));
  else if (deadlineMs <= Date.now())
    reject(new ApiError('DEADLINE_EXCEEDED', 'the time was up before the call was begun'));
  else return true;
  return false;
}
