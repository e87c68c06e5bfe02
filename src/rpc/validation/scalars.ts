import type { DescEnum } from '@bufbuild/protobuf';
import { all, fail, type Check } from './check.ts';
import { assertKnown, type Rules } from './rules.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NUMBERS = new Set([
  'float',
  'double',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'enum',
]);

/** The check of the rules of a scalar or an enum; undefined if there are none. */
export function scalarCheck(rules: Rules, values: DescEnum | undefined): Check | undefined {
  switch (rules.kind) {
    case '':
      return undefined;
    case 'string':
      return stringCheck(rules);
    case 'bytes':
      assertKnown(rules, ['min_len', 'max_len', 'len']);
      return lengthCheck(rules, 'bytes', (bytes: Uint8Array) => bytes.length);
    case 'bool':
      assertKnown(rules, ['const']);
      return choiceCheck(rules);
    default:
      if (!NUMBERS.has(rules.kind)) throw new Error(`${rules.where}: ${rules.kind} rules are not supported`);
      return all([definedCheck(rules, values), rangeCheck(rules), choiceCheck(rules)]);
  }
}

function stringCheck(rules: Rules): Check | undefined {
  assertKnown(rules, ['min_len', 'max_len', 'len', 'pattern', 'uuid', 'in', 'not_in', 'const']);
  const pattern = rules.written.get('pattern') as string | undefined;
  return all([
    rules.written.get('uuid') === true ? checkUuid : undefined,
    lengthCheck(rules, 'characters', codePoints),
    pattern === undefined ? undefined : patternCheck(pattern),
    choiceCheck(rules),
  ]);
}

const checkUuid: Check = (text: string, issues) => {
  if (text === '') fail(issues, 'string.uuid_empty', 'must be a UUID, but is empty');
  else if (!UUID.test(text)) fail(issues, 'string.uuid', 'must be a UUID');
};

function patternCheck(pattern: string): Check {
  const expression = new RegExp(pattern, 'u');
  return (text: string, issues) => {
    if (!expression.test(text)) fail(issues, 'string.pattern', `must match ${pattern}`);
  };
}

/** The length of a string in code points. */
function codePoints(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    const low = text.charCodeAt(i);
    const high = text.charCodeAt(i - 1);
    if (low >= 0xdc00 && low < 0xe000 && high >= 0xd800 && high < 0xdc00) count--;
  }
  return count;
}

function lengthCheck<T>({ kind, written }: Rules, unit: string, measure: (value: T) => number): Check | undefined {
  const [exact, min, max] = ['len', 'min_len', 'max_len'].map((rule) => written.get(rule) as bigint | undefined);
  if (exact === undefined && min === undefined && max === undefined) return undefined;
  return (value: T, issues) => {
    const length = measure(value);
    if (exact !== undefined && length !== Number(exact)) fail(issues, `${kind}.len`, `must have ${exact} ${unit}`);
    if (min !== undefined && length < min) fail(issues, `${kind}.min_len`, `must have at least ${min} ${unit}`);
    if (max !== undefined && length > max) fail(issues, `${kind}.max_len`, `must have at most ${max} ${unit}`);
  };
}

function definedCheck(rules: Rules, values: DescEnum | undefined): Check | undefined {
  if (rules.kind !== 'enum') {
    assertKnown(rules, ['gt', 'gte', 'lt', 'lte', 'in', 'not_in', 'const']);
    return undefined;
  }
  assertKnown(rules, ['defined_only', 'in', 'not_in', 'const']);
  if (rules.written.get('defined_only') !== true) return undefined;
  const defined = new Set(values!.values.map(({ number }) => number));
  return (value: number, issues) => {
    if (!defined.has(value)) fail(issues, 'enum.defined_only', 'must be one of the defined values');
  };
}

type Bound = number | bigint | undefined;

/** A lower and an upper bound together are one rule, named after both, as in protovalidate. */
function rangeCheck({ where, kind, written }: Rules): Check | undefined {
  const [gt, gte, lt, lte] = ['gt', 'gte', 'lt', 'lte'].map((rule) => written.get(rule) as Bound);
  const low = gt ?? gte;
  const high = lt ?? lte;
  if (low === undefined && high === undefined) return undefined;
  if (low !== undefined && high !== undefined && low > high)
    throw new Error(`${where}: a range that excludes is not supported`);
  const rule = [kind, ['gt', 'gte', 'lt', 'lte'].filter((name) => written.has(name)).join('_')].join('.');
  const words = [
    gt !== undefined && `more than ${gt}`,
    gte !== undefined && `at least ${gte}`,
    lt !== undefined && `less than ${lt}`,
    lte !== undefined && `at most ${lte}`,
  ];
  const description = `must be ${words.filter((part) => part !== false).join(' and ')}`;
  return (value: number | bigint, issues) => {
    const inside =
      (gt === undefined || value > gt) &&
      (gte === undefined || value >= gte) &&
      (lt === undefined || value < lt) &&
      (lte === undefined || value <= lte);
    if (!inside) fail(issues, rule, description);
  };
}

function choiceCheck({ kind, written }: Rules): Check | undefined {
  const [allowed, forbidden] = ['in', 'not_in'].map((rule) => new Set(written.get(rule) as unknown[] | undefined));
  const constant = written.get('const') as string | number | bigint | boolean | undefined;
  if (allowed!.size === 0 && forbidden!.size === 0 && constant === undefined) return undefined;
  return (value: unknown, issues) => {
    if (constant !== undefined && value !== constant) fail(issues, `${kind}.const`, `must be ${constant}`);
    if (allowed!.size > 0 && !allowed!.has(value))
      fail(issues, `${kind}.in`, `must be one of ${[...allowed!].map((one) => (one === '' ? '""' : one)).join(', ')}`);
    if (forbidden!.has(value)) fail(issues, `${kind}.not_in`, `must not be one of ${[...forbidden!].join(', ')}`);
  };
}
