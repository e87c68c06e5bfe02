import { invalid, type Micros, parseDecimal } from '../kernel/index.ts';

/**
 * A JSON value from outside, read step by step. A step that does not find what it expects throws an ApiError
 * for its path, such as `config.prizes[3].weight`.
 */
export class JsonReader {
  readonly #value: unknown;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    this.#value = value;
    this.#path = path;
  }

  get value(): unknown {
    return this.#value;
  }

  /** @throws ApiError of this path. */
  refuse(what: string): never {
    throw invalid(this.#path, what);
  }

  /** An object with these members and no others. */
  exactly(keys: readonly string[]): this {
    for (const key of keys) this.member(key);
    const other = Object.keys(this.#value as object).find((key) => !keys.includes(key));
    if (other !== undefined) throw invalid(`${this.#path}.${other}`, 'is not known');
    return this;
  }

  /** @throws ApiError of `path` if the text is not JSON. */
  static parse(text: string, path: string): JsonReader {
    try {
      return new JsonReader(JSON.parse(text), path);
    } catch {
      throw invalid(path, 'is not JSON');
    }
  }

  member(key: string): JsonReader {
    const value = this.#value;
    if (typeof value !== 'object' || value === null) throw invalid(this.#path, 'is not an object');
    if (!Object.hasOwn(value, key)) throw invalid(`${this.#path}.${key}`, 'is missing');
    return new JsonReader((value as Record<string, unknown>)[key], `${this.#path}.${key}`);
  }

  /** Whether an object has the member. */
  has(key: string): boolean {
    return typeof this.#value === 'object' && this.#value !== null && Object.hasOwn(this.#value, key);
  }

  isNull(): boolean {
    return this.#value === null;
  }

  items(most: number): JsonReader[] {
    if (!Array.isArray(this.#value)) throw invalid(this.#path, 'is not a list');
    if (this.#value.length > most) throw invalid(this.#path, `has more than ${most} entries`);
    return this.#value.map((item, index) => new JsonReader(item, `${this.#path}[${index}]`));
  }

  exactItems(count: number): JsonReader[] {
    const items = this.items(count);
    return items.length === count ? items : this.refuse(`does not have ${count} entries`);
  }

  string(): string {
    if (typeof this.#value !== 'string') throw invalid(this.#path, 'is not a string');
    return this.#value;
  }

  matching(pattern: RegExp): string {
    const text = this.string();
    if (!pattern.test(text)) throw invalid(this.#path, 'has another form');
    return text;
  }

  boolean(): boolean {
    if (typeof this.#value !== 'boolean') throw invalid(this.#path, 'is not true or false');
    return this.#value;
  }

  integer(least: number, most: number): number {
    const value = this.#value;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
      throw invalid(this.#path, `is not an integer from ${least} to ${most}`);
    }
    return value;
  }

  /** A decimal string of at most 6 decimals, zero or more. */
  amount(): Micros {
    const micros = parseDecimal(this.string());
    if (micros === undefined || micros < 0n) throw invalid(this.#path, 'is not an amount');
    return micros;
  }
}
