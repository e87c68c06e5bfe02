import { randomBytes } from 'node:crypto';
import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SimulationProgress, SimulationResult } from '../../../gen/ts/windfall/common/v1/simulations.ts';
import type { PlayTable } from '../../../gen/ts/windfall/facts/v1/prizes.ts';
import { ApiError } from '../../kernel/index.ts';

/** A message of a worker. */
export type Told = { readonly done: number } | { readonly result: SimulationResult };

/** An event of a simulation, as the responses of the contract have it. */
export interface SimulationEvent {
  readonly event:
    | { readonly $case: 'progress'; readonly value: SimulationProgress }
    | { readonly $case: 'result'; readonly value: SimulationResult };
}

/** The fields of a request for a simulation. */
interface Request {
  readonly plays: number;
  readonly runs: number;
  readonly seed: string;
}

const WORKER = new URL('./worker.ts', import.meta.url);
const PLAYS = 100_000;
/** Simulations that a process runs at once: each takes a whole core. */
const AT_ONCE = 2;
let running = 0;

/**
 * Simulates plays of a table in a thread of its own: progress, and the result last. Throws OVERLOADED. An abort of the
 * signal ends the thread.
 */
export async function* simulatePlays(
  content: PlayTable,
  { plays, runs, seed }: Request,
  signal: AbortSignal,
): AsyncGenerator<SimulationEvent> {
  if (running >= AT_ONCE) {
    throw new ApiError('OVERLOADED', `${AT_ONCE} simulations are running`, { retryAfterMs: 5000 });
  }
  running += 1;
  const simulation = {
    content,
    plays: plays || PLAYS,
    runs: runs || 1,
    seed: seed || randomBytes(32).toString('hex'),
  };
  const worker = new Worker(WORKER, { workerData: simulation });
  try {
    for await (const [told] of on(worker, 'message', { signal, close: ['exit'] }) as AsyncIterable<[Told]>) {
      if ('result' in told) return yield { event: { $case: 'result', value: told.result } };
      yield {
        event: { $case: 'progress', value: { done: told.done, total: simulation.plays * simulation.runs } },
      };
    }
    throw new Error('a simulation ended without a result');
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  } finally {
    await worker.terminate();
    running -= 1;
  }
}
