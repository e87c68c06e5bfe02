import { STALE } from './command.ts';

/** How calls of one kind are made ready and run. */
export interface Work<Item, Ready, Answer> {
  /**
   * Finds all that the call needs: who it is for, which definition. Rejects with a Refusal.
   * @param fresh whether what is remembered of the definition has turned out stale.
   */
  prepare(item: Item, fresh: boolean): Promise<Ready>;
  /** Queues the command. */
  run(ready: Ready): Promise<Answer>;
}

/** A definition that changes more often than this while one call is queued is not worth chasing. */
const TRIES = 5;

/** Runs one call, again for as long as the definition that it was made from turns out to have changed. */
export async function runOne<Item, Ready, Answer>(work: Work<Item, Ready, Answer>, item: Item, fresh = false): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await work.run(await work.prepare(item, fresh || tries > 1));
    } catch (reason) {
      if (reason !== STALE) throw reason;
      if (tries === TRIES) throw new Error('a definition is stale however often it is read');
    }
  }
}

/**
 * Runs the items of a batch: all are made ready at once, and then queued in their order, so that a lane decides those of
 * one route in it. The few that turn out stale follow, one after another. Each has its own outcome.
 */
export async function runInOrder<Item, Ready, Answer>(
  work: Work<Item, Ready, Answer>, items: readonly Item[],
): Promise<PromiseSettledResult<Answer>[]> {
  const ready = await Promise.allSettled(items.map((item) => work.prepare(item, false)));
  const outcomes: PromiseSettledResult<Answer>[] = await settled(ready.map((one) => (
    one.status === 'fulfilled' ? work.run(one.value) : Promise.reject<Answer>(one.reason))));
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.status === 'rejected' && outcome.reason === STALE) {
      outcomes[i] = (await settled([runOne(work, items[i]!, true)]))[0]!;
    }
  }
  return outcomes;
}

const settled = <T>(calls: readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]> =>
  Promise.allSettled(calls) as Promise<PromiseSettledResult<T>[]>;
