import { LRUCache } from 'lru-cache';
import { STALE } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';

/** Definitions kept ready at once; those of other operators are read again when they are asked for. */
const KEPT = 10_000;
/** A definition that changes more often than this while one call is queued is not worth chasing. */
const TRIES = 5;

/**
 * Definitions held in memory, by the operator's code. They may be stale without harm: a command that uses one looks at the
 * stored version in its transaction, and throws STALE if that is another.
 */
export class Catalogue<Definition extends object> {
  readonly #load: (operator: OperatorNo, code: string) => Promise<Definition>;
  readonly #kept = new LRUCache<string, Definition>({ max: KEPT });

  /** @param load reads a definition; it refuses codes that do not exist. */
  constructor(load: (operator: OperatorNo, code: string) => Promise<Definition>) {
    this.#load = load;
  }

  /** Runs `use` with the definition; again with a fresher one for as long as it rejects with STALE. */
  async with<Answer>(
    operator: OperatorNo, code: string, use: (definition: Definition) => Promise<Answer>,
  ): Promise<Answer> {
    const key = `${operator}|${code}`;
    for (let tries = 1; ; tries++) {
      const definition = this.#kept.get(key) ?? await this.#read(operator, code, key);
      try {
        return await use(definition);
      } catch (reason) {
        if (reason !== STALE) throw reason;
        this.#kept.delete(key);
        if (tries === TRIES) throw new Error(`definition ${code} is stale however often it is read`);
      }
    }
  }

  async #read(operator: OperatorNo, code: string, key: string): Promise<Definition> {
    const definition = await this.#load(operator, code);
    this.#kept.set(key, definition);
    return definition;
  }
}
