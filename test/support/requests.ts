import { ScalarType, type DescField, type DescMessage, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { optionOf } from './api.ts';

/** A generator of numbers from 0 to below 1 that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Rules {
  readonly type?: { readonly case?: string; readonly value?: Record<string, unknown> };
}

const STRINGS = [
  '',
  'a',
  'StarlordV7',
  'welcome-box',
  'WINZ',
  'EUR',
  'GEMS',
  'MT',
  '0',
  '1',
  '0.5',
  '9999999999.999999',
  '10000000000',
  '-1',
  '1.0000001',
  'player',
  'operator',
  'external',
  'demo',
  'read',
  'lootbox.open',
  'ab'.repeat(32),
  '0199d0c0-0000-7000-8000-000000000000',
  'é',
  '😀'.repeat(40),
  ' ',
  '%',
  "'; drop table journal; --",
  '../..',
  '{}',
  '\u2028',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(128),
  'x'.repeat(129),
  'x'.repeat(513),
  'x'.repeat(70_000),
  'a\u0000b',
];

/** Requests made from the rules of their fields: valid ones, ones at the bounds, and ones past them. */
export function requestOf(message: DescMessage, random: () => number, depth = 0): JsonObject {
  const request: JsonObject = {};
  for (const field of message.fields) {
    if (random() < 0.15) continue;
    // At most one field of a oneof can be written.
    if (field.oneof?.fields.some(({ jsonName }) => jsonName in request)) continue;
    const value = valueOf(field, random, depth);
    if (value !== undefined) request[field.jsonName] = value;
  }
  return request;
}

/** A value of a field, at or past its bounds as well. */
export function valueOf(field: DescField, random: () => number, depth: number): JsonValue | undefined {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const rules = rulesOf(field);
  if (field.fieldKind === 'list') {
    const max = Number(rules['maxItems'] ?? 3);
    const count = pick([0, 1, 1, 2, ...(depth === 0 && random() < 0.1 ? [max, max + 1] : [])]);
    return Array.from({ length: count }, () => single(field, rules, pick, random, depth) ?? null).filter(
      (item) => item !== null,
    );
  }
  if (field.fieldKind === 'map') return {};
  return single(field, rules, pick, random, depth);
}

function single(
  field: DescField,
  rules: Record<string, unknown>,
  pick: <T>(values: readonly T[]) => T,
  random: () => number,
  depth: number,
): JsonValue | undefined {
  if (field.message !== undefined) return depth < 4 ? requestOf(field.message, random, depth + 1) : undefined;
  const words = rules['in'] as string[] | undefined;
  switch (field.scalar) {
    case ScalarType.STRING:
      return pick(words === undefined ? STRINGS : [...words, ...words, ...STRINGS]);
    case ScalarType.BYTES:
      return Buffer.from(pick([...STRINGS, 'a,b\n"c', '\n'.repeat(100), '"'.repeat(5000)])).toString('base64');
    case ScalarType.BOOL:
      return random() < 0.5;
    case ScalarType.DOUBLE:
      return pick<JsonValue>([0, 1, 0.5, 1500, 1e9, 1e9 + 1, -1, 1e-7, 1e300, 'NaN', 'Infinity', 0.1 + 0.2]);
    case ScalarType.INT64:
      return pick([
        '0',
        '1',
        '-1',
        '9007199254740991',
        '9007199254740992',
        '9223372036854775807',
        '-9223372036854775808',
      ]);
    default:
      return pick(bounds(rules));
  }
}

function bounds(rules: Record<string, unknown>): number[] {
  const near = ['gte', 'lte', 'gt', 'lt'].flatMap((name) => {
    const value = bound(rules['greaterThan'], name) ?? bound(rules['lessThan'], name);
    return value === undefined ? [] : [value - 1, value, value + 1];
  });
  return [...near, 0, 1, -1, 2 ** 31 - 1, -(2 ** 31)].filter((n) => n >= -(2 ** 31) && n < 2 ** 31);
}

function bound(rule: unknown, name: string): number | undefined {
  const { case: known, value } = (rule ?? {}) as { case?: string; value?: number | bigint };
  return known === name && value !== undefined ? Number(value) : undefined;
}

/** What buf.validate says of a field: the rules of its type, of a list's items too. */
function rulesOf(field: DescField): Record<string, unknown> {
  const own = (optionOf<Rules>(field, 'buf.validate.field').type?.value ?? {}) as Record<string, unknown> & {
    items?: Rules;
  };
  return { ...own, ...own.items?.type?.value };
}
