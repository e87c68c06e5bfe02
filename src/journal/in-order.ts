import { ApiError } from '../kernel/index.ts';
import { StaleVersionError, type CallOptions, type Command } from './command.ts';
import type { Journal } from './journal.ts';

/** A call that can be queued. */
export interface PreparedCall<Request> {
  readonly request: Request;
  readonly options: CallOptions;
}

/** How calls of one kind are prepared, and where they run. */
export interface Work<Item, Request, Answer> {
  readonly journal: Journal;
  readonly command: Command<Request, Answer>;
  /**
   * Finds all that the call needs: its player, its definition. Returns no promise if they are cached, as they nearly
   * always are. Throws or rejects with an ApiError.
   * @param fresh whether the cached definition has turned out to be stale.
   */
  prepare(item: Item, fresh: boolean): PreparedCall<Request> | Promise<PreparedCall<Request>>;
}

/** The number of attempts for a definition that keeps changing while one call is queued. */
const TRIES = 5;

/**
 * Runs one call, and retries it if the definition that it was made from has changed. Throws VERSION_MISMATCH if it
 * keeps changing. @param onReplay see `Journal.run`.
 */
export async function runOne<Item, Request, Answer>(
  { journal, command, prepare }: Work<Item, Request, Answer>,
  item: Item,
  onReplay?: () => void,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const { request, options } = await prepare(item, tries > 1);
    try {
      return await journal.run(command, request, options, onReplay);
    } catch (reason) {
      if (!(reason instanceof StaleVersionError)) throw reason;
      if (tries === TRIES)
        throw new ApiError('VERSION_MISMATCH', 'the definition keeps changing', { retryAfterMs: 100 });
    }
  }
}

/**
 * Runs the items of a batch. All are prepared, and then queued in order, so that a lane decides those of one route in
 * that order. Stale ones are retried afterwards, also in order. Each has its own outcome. One promise serves them all:
 * this saves one and a half microseconds per item, a tenth of a contribution.
 */
export async function runInOrder<Item, Request, Answer>(
  work: Work<Item, Request, Answer>,
  items: readonly Item[],
): Promise<PromiseSettledResult<Answer>[]> {
  return runPrepared(work, items, await prepareAll(work, items));
}

/** The first half of `runInOrder`, for callers that queue several batches in order. */
export function prepareAll<Item, Request, Answer>(
  work: Work<Item, Request, Answer>,
  items: readonly Item[],
): readonly Prepared<Request>[] | Promise<readonly Prepared<Request>[]> {
  const prepared = items.map((item) => prepareNow(work, item, false));
  if (!prepared.some((one) => one instanceof Promise)) return prepared as readonly Prepared<Request>[];
  // oxlint-disable-next-line typescript/await-thenable -- each may be a promise or a value
  return Promise.all(prepared);
}

/** The second half of `runInOrder`: all are queued before it returns. */
export async function runPrepared<Item, Request, Answer>(
  work: Work<Item, Request, Answer>,
  items: readonly Item[],
  prepared: readonly Prepared<Request>[],
): Promise<PromiseSettledResult<Answer>[]> {
  const outcomes = await queueAll(work, prepared);
  for (let tries = 1; tries < TRIES; tries++) {
    const stale = outcomes.flatMap((outcome, i) =>
      outcome.status === 'rejected' && outcome.reason instanceof StaleVersionError ? [i] : [],
    );
    if (stale.length === 0) break;
    // oxlint-disable-next-line typescript/await-thenable -- each may be a promise or a value
    const ready = await Promise.all(stale.map((i) => prepareNow(work, items[i]!, true)));
    for (const [nth, outcome] of (await queueAll(work, ready)).entries()) outcomes[stale[nth]!] = outcome;
  }
  return outcomes.map((outcome) =>
    outcome.status === 'fulfilled' || outcome.reason instanceof ApiError
      ? outcome
      : rejected(work.journal.blame(outcome.reason, work.command.name)),
  );
}

/** An item that can be queued, or the reason why it cannot. */
export type Prepared<Request> = PreparedCall<Request> | PromiseRejectedResult;

const fulfilled = <T>(value: T): PromiseFulfilledResult<T> => ({ status: 'fulfilled', value });
const rejected = (reason: unknown): PromiseRejectedResult => ({ status: 'rejected', reason });

function prepareNow<Item, Request, Answer>(
  work: Work<Item, Request, Answer>,
  item: Item,
  fresh: boolean,
): Prepared<Request> | Promise<Prepared<Request>> {
  try {
    const ready = work.prepare(item, fresh);
    return ready instanceof Promise ? ready.catch(rejected) : ready;
  } catch (reason) {
    return rejected(reason);
  }
}

function queueAll<Item, Request, Answer>(
  { journal, command }: Work<Item, Request, Answer>,
  ready: readonly Prepared<Request>[],
): Promise<PromiseSettledResult<Answer>[]> {
  return new Promise((done) => {
    const outcomes = new Array<PromiseSettledResult<Answer>>(ready.length);
    let left = ready.length;
    const settle = (i: number, outcome: PromiseSettledResult<Answer>): void => {
      outcomes[i] = outcome;
      left -= 1;
      if (left === 0) done(outcomes);
    };
    ready.forEach((one, i) => {
      if ('status' in one) return settle(i, one);
      journal.queue({
        command,
        request: one.request,
        options: one.options,
        resolve: (answer) => settle(i, fulfilled(answer as Answer)),
        reject: (reason) => settle(i, rejected(reason)),
      });
    });
  });
}
