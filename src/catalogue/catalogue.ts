import { LRUCache } from 'lru-cache';
import type { OperatorNo } from '../kernel/index.ts';

/** Definitions kept ready at once; those of other operators are read again when they are asked for. */
const KEPT = 10_000;

/**
 * Definitions held in memory, by the operator's code. They may be stale without harm: a command that uses one looks at the
 * stored version in its transaction, and throws STALE if that is another.
 */
export class Catalogue<Definition extends object> {
  readonly #load: (operator: OperatorNo, code: string) => Promise<Definition>;
  readonly #kept = new LRUCache<string, Definition>({ max: KEPT });
  /** Being read: whoever asks meanwhile waits for the same answer. */
  readonly #loading = new Map<string, Promise<Definition>>();

  /** @param load reads a definition; it refuses codes that do not exist. */
  constructor(load: (operator: OperatorNo, code: string) => Promise<Definition>) {
    this.#load = load;
  }

  /** A definition, without a promise where it is kept. @param fresh whether what is kept has turned out stale. */
  get(operator: OperatorNo, code: string, fresh: boolean): Definition | Promise<Definition> {
    const key = `${operator}|${code}`;
    return (fresh ? undefined : this.#kept.get(key)) ?? this.#loading.get(key) ?? this.#read(operator, code, key);
  }

  #read(operator: OperatorNo, code: string, key: string): Promise<Definition> {
    const reading = this.#load(operator, code).then((definition) => {
      this.#kept.set(key, definition);
      return definition;
    }).finally(() => this.#loading.delete(key));
    this.#loading.set(key, reading);
    return reading;
  }
}
