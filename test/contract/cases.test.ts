import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startService, type Service } from '../support/service.ts';
import type { Call, Outcome } from '../support/api.ts';

interface Step {
  readonly call: string;
  readonly as: string;
  readonly request: JsonObject;
  readonly expect: {
    /** Over gRPC, over REST. */
    readonly status: readonly [string, number];
    readonly reason?: string;
    /** The field that a refusal names. */
    readonly field?: string;
    readonly details?: JsonObject;
    /** What the answer has at least; lists are compared item by item. */
    readonly body?: JsonValue;
    /** Paths that must be there and not be empty. */
    readonly has?: readonly string[];
    /** Paths that must not be there at all. */
    readonly lacks?: readonly string[];
    /** Whether the response header says that the answer is that of an earlier call. */
    readonly replayed?: boolean;
  };
  /** Remembers parts of the answer for later steps: name to path. */
  readonly keep?: Readonly<Record<string, string>>;
}

interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

const FOLDER = new URL('./cases/', import.meta.url);
let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

for (const file of readdirSync(FOLDER).sort()) {
  const cases = parse(readFileSync(new URL(file, FOLDER), 'utf8'), { merge: true }) as Case[];
  for (const face of ['grpc', 'rest'] as const) {
    describe(`${file} over ${face}`, () => {
      for (const { name, steps } of cases) {
        // The documents of pots have null; elsewhere what is not set is left out.
        test(name, () => run(steps, service[face], face, face === 'rest' && file.startsWith('pots-')));
      }
    });
  }
}

async function run(steps: readonly Step[], call: Call, face: 'grpc' | 'rest', nulls: boolean): Promise<void> {
  const kept: Record<string, JsonValue> = {
    key: randomUUID(),
    key2: randomUUID(),
    key3: randomUUID(),
    key4: randomUUID(),
    key5: randomUUID(),
    key6: randomUUID(),
    player: `p-${randomUUID()}`,
  };
  for (const [i, step] of steps.entries()) {
    const user = String(kept['player']);
    const headers = await service.credentials(step.as, user);
    const outcome = await call(step.call, fill(step.request, kept) as JsonObject, headers);
    const where = `step ${i + 1}, ${step.call}: ${JSON.stringify(outcome).slice(0, 1500)}`;
    check(step, outcome, kept, face, nulls, where);
    for (const [name, path] of Object.entries(step.keep ?? {})) kept[name] = at(outcome.body, path)!;
  }
}

function check(
  { expect }: Step,
  outcome: Outcome,
  kept: Record<string, JsonValue>,
  face: string,
  nulls: boolean,
  where: string,
): void {
  assert.equal(outcome.status, expect.status[face === 'grpc' ? 0 : 1], where);
  if (expect.reason !== undefined) assert.equal(outcome.reason, expect.reason, where);
  if (expect.replayed !== undefined) assert.equal(outcome.replayed, expect.replayed, where);
  // The documented errors of the face of pots have no details.
  const bare = outcome.body !== null && typeof outcome.body === 'object' && 'status_code' in outcome.body;
  if (expect.details !== undefined && !bare) contains(outcome.details, fill(expect.details, kept), false, where);
  if (expect.field !== undefined && !bare) {
    const fields = outcome.details['fields'] as { field: string }[] | undefined;
    assert.ok(
      fields?.some(({ field }) => field === expect.field),
      `no ${expect.field} in ${where}`,
    );
  }
  for (const path of expect.has ?? []) {
    const value = at(outcome.body, path);
    assert.ok(value !== undefined && value !== null && value !== '', `no ${path} in ${where}`);
  }
  for (const path of expect.lacks ?? []) assert.equal(at(outcome.body, path), undefined, `${path} in ${where}`);
  if (expect.body !== undefined) contains(outcome.body, fill(expect.body, kept), nulls, where);
}

/** Puts what was kept in the place of $name. */
function fill(value: JsonValue, kept: Record<string, JsonValue>): JsonValue {
  if (typeof value === 'string') return value.startsWith('$') ? kept[value.slice(1)]! : value;
  if (Array.isArray(value)) return value.map((item) => fill(item, kept));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [fill(name, kept) as string, fill(item, kept)]),
  );
}

function at(value: JsonValue, path: string): JsonValue | undefined {
  return path.split('.').reduce<JsonValue | undefined>((object, name) => (object as JsonObject | null)?.[name], value);
}

/** Null is also what is not there, unless `nulls`. */
function contains(actual: JsonValue | undefined, expected: JsonValue, nulls: boolean, where: string): void {
  if (expected === null) return assert.ok(actual === null || (!nulls && actual === undefined), `not null in ${where}`);
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), where);
    assert.equal(actual.length, expected.length, where);
    expected.forEach((item, i) => contains(actual[i], item, nulls, where));
  } else if (typeof expected === 'object') {
    for (const [name, item] of Object.entries(expected))
      contains((actual as JsonObject)[name], item, nulls, `${name} in ${where}`);
  } else {
    assert.equal(actual, expected, where);
  }
}
