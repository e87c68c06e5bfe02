import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { parse } from 'yaml';

/** A step of a case of the contract: what is called, as whom, and what of the answer is kept. */
export interface Step {
  readonly call: string;
  readonly as: string;
  readonly request: JsonObject;
  readonly keep?: Readonly<Record<string, string>>;
}

const FOLDER = new URL('../contract/cases/', import.meta.url);

/** All cases of the contract. */
export const CASES: readonly (readonly Step[])[] = readdirSync(FOLDER)
  .sort()
  .flatMap((file) => parse(readFileSync(new URL(file, FOLDER), 'utf8'), { merge: true }) as { steps: Step[] }[])
  .map(({ steps }) => steps);

/** What the steps of a run of a case know. */
export class CaseRun {
  readonly player = `p-${randomUUID()}`;
  readonly #kept: Record<string, JsonValue> = { player: this.player };

  /** The request of a step. What an earlier step did not get is another text. */
  fill(value: JsonValue): JsonValue {
    if (typeof value === 'string') return value.startsWith('$') ? (this.#kept[value.slice(1)] ??= randomUUID()) : value;
    if (Array.isArray(value)) return value.map((item) => this.fill(item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [this.fill(name) as string, this.fill(item)]),
    );
  }

  keep({ keep = {} }: Step, body: JsonValue): void {
    for (const [name, path] of Object.entries(keep)) {
      const value = path.split('.').reduce<any>((object, key) => object?.[key], body);
      if (value !== undefined && value !== null) this.#kept[name] = value;
    }
  }
}
