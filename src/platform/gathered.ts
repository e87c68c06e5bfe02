import type { OperatorNo } from '../kernel/index.ts';

/** How many are read at once. */
const AT_ONCE = 100;

interface Asked<Found> extends PromiseWithResolvers<Found | undefined> {
  readonly id: string;
}

/** Reads by their ids; an id that is not in the result does not exist. */
type ReadAll<Found> = (operator: OperatorNo, ids: readonly string[]) => Promise<ReadonlyMap<string, Found>>;

/**
 * Reads what concurrent callers ask for together. One read of an operator runs at a time; what is asked meanwhile is
 * read by the next one. Nothing is kept.
 */
export class Gathered<Found> {
  readonly #readAll: ReadAll<Found>;
  /** What waits, by operators with a read that is running. */
  readonly #waiting = new Map<OperatorNo, Asked<Found>[]>();

  constructor(readAll: ReadAll<Found>) {
    this.#readAll = readAll;
  }

  /** What has an id; undefined: there is none. */
  get(operator: OperatorNo, id: string): Promise<Found | undefined> {
    const asked = { id, ...Promise.withResolvers<Found | undefined>() };
    const waiting = this.#waiting.get(operator);
    if (waiting === undefined) void this.#run(operator, [asked]);
    else waiting.push(asked);
    return asked.promise;
  }

  async #run(operator: OperatorNo, waiting: Asked<Found>[]): Promise<void> {
    this.#waiting.set(operator, waiting);
    while (waiting.length > 0) {
      const together = waiting.splice(0, AT_ONCE);
      try {
        const found = await this.#readAll(
          operator,
          together.map(({ id }) => id),
        );
        for (const { id, resolve } of together) resolve(found.get(id));
      } catch (error) {
        for (const { reject } of together) reject(error);
      }
    }
    this.#waiting.delete(operator);
  }
}
