import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { parse } from 'yaml';
import type { Call, Outcome } from '../support/api.ts';
import type { Callers } from '../support/callers.ts';

interface Step {
  readonly call: string;
  readonly as: string;
  readonly request: JsonObject;
  readonly expect: {
    readonly status: readonly [string, number];
    readonly reason?: string;
    readonly field?: string;
    readonly details?: JsonObject;
    readonly body?: JsonValue;
  };
  readonly keep?: Readonly<Record<string, string>>;
}

/** Replaces each $name by the value that was kept under the name. */
function fill(value: any, kept: Readonly<Record<string, unknown>>): any {
  return JSON.parse(JSON.stringify(value), (_, one) =>
    typeof one === 'string' && one.startsWith('$') ? kept[one.slice(1)] : one,
  );
}

function check({ expect }: Step, face: string, { status, reason, details, body }: Outcome, kept: object): void {
  const where = JSON.stringify({ status, reason, details, body });
  assert.equal(status, expect.status[face === 'grpc' ? 0 : 1], where);
  if (expect.reason !== undefined) assert.equal(reason, expect.reason, where);
  const fields = (details['fields'] ?? []) as { field: string }[];
  if (expect.field !== undefined)
    assert.ok(
      fields.some(({ field }) => field === expect.field),
      where,
    );
  const wanted = fill({ details: expect.details ?? {}, body: expect.body ?? {} }, kept as Record<string, unknown>);
  assert.partialDeepStrictEqual({ details, body: body ?? {} }, wanted);
}

const FILE = new URL('cases.yaml', import.meta.url);
/** The cases of cases.yaml, which run over gRPC and over REST. */
export const cases = parse(readFileSync(FILE, 'utf8'), { merge: true }) as { name: string; steps: Step[] }[];

/** Runs the steps of a case in order. $id, $player and $key are new in each case; other names are kept by its steps. */
export async function runCase(steps: readonly Step[], face: string, call: Call, callers: Callers): Promise<void> {
  const [id, player, key] = [`chest-${randomUUID()}`, `p-${randomUUID()}`, randomUUID()];
  const kept: Record<string, unknown> = { id, player, key };
  for (const step of steps) {
    const headers = await callers.headers(step.as, player);
    const outcome = await call(step.call, fill(step.request, kept), headers);
    check(step, face, outcome, kept);
    for (const [as, path] of Object.entries(step.keep ?? {})) {
      kept[as] = path.split('.').reduce((value, part) => value[part], outcome.body as any);
    }
  }
}
