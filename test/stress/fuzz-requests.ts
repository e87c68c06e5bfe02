import { randomUUID } from 'node:crypto';
import { ScalarType, type DescField, type DescMessage, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { optionOf } from '../support/api.ts';
import { valueOf as badValueOf } from '../support/requests.ts';
import type { Words } from './fuzz-words.ts';

interface Rules {
  readonly required?: boolean;
  readonly type?: { readonly case?: string; readonly value?: RuleValues };
}

/** The rules of the types of fields, as far as values are made by them. */
interface RuleValues {
  readonly in?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minLen?: bigint;
  readonly maxLen?: bigint;
  readonly minItems?: bigint;
  readonly minPairs?: bigint;
  readonly greaterThan?: { readonly case?: string; readonly value?: number | bigint };
  readonly lessThan?: { readonly case?: string; readonly value?: number | bigint };
  readonly wellKnown?: { readonly case?: string };
  readonly items?: Rules;
  readonly keys?: Rules;
  readonly values?: Rules;
}

/** Texts of every shape that the contract asks for. */
const TEXTS =
  'demo,demo:main,beta,main,1001,WINZ,USD,EUR,TOKEN,MT,DE,Europe/Malta,a name,1,0.5,2,10,0.000001,#00aaff,lootbox.*,' +
  '*,localhost,https://localhost/x,words,0199d0c0-0000-7000-8000-000000000000,,x,2030-01-01T00:00:00Z,UTC,player,' +
  'ab'.repeat(32);
const ALL = TEXTS.split(',');
const TIMES = ['2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z', '2026-11-22T12:00:00.5Z', '1970-01-01T00:00:01Z'];

/** How much of a request is there that need not be. */
const OPTIONAL = 0.4;
const DEEPEST = 5;

/** Makes requests that are mostly valid, from the contract's rules and from what exists. */
export class Requests {
  readonly #words: Words;
  readonly #random: () => number;

  constructor(words: Words, random: () => number) {
    this.#words = words;
    this.#random = random;
  }

  /** A request that keeps the rules of its fields, of things that exist where there are any. */
  valid(service: string, message: DescMessage, depth = 0): JsonObject {
    const request: JsonObject = {};
    for (const field of message.fields) {
      const rules = optionOf<Rules>(field, 'buf.validate.field');
      const known = depth === 0 && this.#words.of(service, field.jsonName) !== undefined;
      if (!isNeeded(rules) && this.#random() > (known ? 0.8 : OPTIONAL)) continue;
      if (field.oneof?.fields.some(({ jsonName }) => jsonName in request)) continue;
      const value = this.#value(service, field, rules, depth);
      if (value !== undefined) request[field.jsonName] = value;
    }
    return request;
  }

  /** Changes one value of a request, wherever it stands. */
  mutated(service: string, message: DescMessage, request: JsonObject): JsonObject {
    const fields = message.fields.filter(({ jsonName }) => jsonName in request || this.#random() < 0.1);
    const field = this.#pick(fields);
    if (field === undefined) return request;
    const name = field.jsonName;
    const now = request[name];
    if (field.fieldKind === 'message' && isObject(now) && !isWellKnown(field.message) && this.#random() < 0.8)
      return { ...request, [name]: this.mutated(service, field.message, now) };
    if (
      field.fieldKind === 'list' &&
      field.listKind === 'message' &&
      Array.isArray(now) &&
      now.length > 0 &&
      this.#random() < 0.8
    ) {
      const at = Math.floor(this.#random() * now.length);
      const item = now[at]!;
      if (isObject(item) && !isWellKnown(field.message))
        return { ...request, [name]: now.with(at, this.mutated(service, field.message, item)) };
    }
    const random = this.#random();
    if (random < 0.2) return Object.fromEntries(Object.entries(request).filter(([key]) => key !== name));
    const rules = optionOf<Rules>(field, 'buf.validate.field');
    const value = random < 0.7 ? this.#value(service, field, rules, 1) : this.#bad(field);
    return value === undefined ? request : { ...request, [name]: value };
  }

  #bad(field: DescField): JsonValue | undefined {
    if (field.message !== undefined && isWellKnown(field.message)) return '0001-01-01T00:00:00Z';
    return badValueOf(field, this.#random, DEEPEST);
  }

  #value(service: string, field: DescField, rules: Rules, depth: number): JsonValue | undefined {
    if (depth > DEEPEST) return undefined;
    if (field.jsonName === 'idempotency_key' && this.#random() < 0.8) return randomUUID();
    const values = rules.type?.value ?? {};
    if (field.fieldKind === 'list') {
      const count = Math.max(Number(values.minItems ?? 0), Math.floor(this.#random() * 3));
      const items = Array.from({ length: count }, () => this.#one(service, field, values.items ?? {}, depth));
      return items.filter((item) => item !== undefined);
    }
    if (field.fieldKind === 'map') {
      const count = Math.max(Number(values.minPairs ?? 0), Math.floor(this.#random() * 2));
      const pairs = Array.from({ length: count }, () => [
        this.#text(values.keys?.type?.value ?? {}),
        this.#one(service, field, values.values ?? {}, depth) ?? 1,
      ]);
      return Object.fromEntries(pairs) as JsonObject;
    }
    return this.#one(service, field, rules, depth);
  }

  #one(service: string, field: DescField, rules: Rules, depth: number): JsonValue | undefined {
    const { message } = field;
    if (message?.typeName === 'google.protobuf.Timestamp') return this.#pick(TIMES);
    if (message?.typeName === 'google.protobuf.Duration') return '60s';
    if (message?.typeName === 'google.protobuf.Value') return this.#pick<JsonValue>([null, {}, 1, 'x']);
    if (message !== undefined) return this.valid(service, message, depth + 1);
    if (field.enum !== undefined) return this.#pick(field.enum.values)!.name;
    const values = rules.type?.value ?? {};
    const { scalar } = field as { scalar?: ScalarType };
    if (scalar === ScalarType.BOOL) return this.#random() < 0.5;
    if (scalar === ScalarType.BYTES) return Buffer.from(this.#pick(ALL)!).toString('base64');
    if (scalar !== ScalarType.STRING) return this.#number(values, scalar === ScalarType.DOUBLE);
    const known = this.#words.of(service, field.jsonName);
    if (typeof known === 'string' && this.#random() < 0.85) return known;
    return this.#text(values);
  }

  #text({ in: words, pattern, minLen = 0n, maxLen = 1000n, wellKnown }: RuleValues): string {
    if (words !== undefined && words.length > 0) return String(this.#pick(words));
    if (wellKnown?.case === 'uuid') return randomUUID();
    const fits = new RegExp(pattern ?? '', 'u');
    const all = ALL.filter((text) => fits.test(text) && text.length >= minLen && text.length <= maxLen);
    return this.#pick(all) ?? 'x';
  }

  #number({ in: among, greaterThan, lessThan }: RuleValues, isDouble: boolean): number {
    if (among !== undefined && among.length > 0) return Number(this.#pick(among));
    const least = Number(greaterThan?.value ?? 0) + (greaterThan?.case === 'gt' ? (isDouble ? 1e-3 : 1) : 0);
    const most = Number(lessThan?.value ?? least + 100) - (lessThan?.case === 'lt' ? (isDouble ? 1e-3 : 1) : 0);
    const random = this.#random();
    if (random < 0.05) return least;
    if (random < 0.08) return most;
    const value = least + this.#random() * Math.min(most - least, 20);
    return isDouble ? Math.round(value * 1000) / 1000 : Math.floor(value);
  }

  #pick<T>(values: readonly T[]): T | undefined {
    return values[Math.floor(this.#random() * values.length)];
  }
}

const isNeeded = ({ required, type }: Rules): boolean => {
  const { minLen = 0n, minItems = 0n, minPairs = 0n, pattern } = type?.value ?? {};
  const isFilled = pattern !== undefined && !new RegExp(pattern, 'u').test('');
  return required === true || minLen > 0n || minItems > 0n || minPairs > 0n || isFilled;
};
const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isWellKnown = (message: DescMessage): boolean => message.typeName.startsWith('google.protobuf.');
