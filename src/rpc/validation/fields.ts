import type { DescEnum, DescField, DescMessage, FileRegistry, Message, ScalarType } from '@bufbuild/protobuf';
import { all, checkElement, checkField, fail, ISSUES_MAX, type Check } from './check.ts';
import { assertKnown, fieldRules, readRules, type Rules } from './rules.ts';
import { scalarCheck } from './scalars.ts';
import { storableScalar } from './storable.ts';

/** The type of a field, a list element, a map key or a map value. */
interface Type {
  readonly scalar: ScalarType | undefined;
  readonly enum: DescEnum | undefined;
  readonly message: DescMessage | undefined;
}

export interface Compiler {
  readonly registry: FileRegistry;
  /** The check of a message type, which may be the one that is being compiled. */
  message(desc: DescMessage): Check | undefined;
}

/** The check of a field. Its value is the message that has the field. */
export function fieldCheck(compiler: Compiler, field: DescField): Check | undefined {
  const rules = fieldRules(compiler.registry, field);
  if (rules.ignore === 'always') return undefined;
  if (field.fieldKind === 'list') return listCheck(compiler, field, rules);
  if (field.fieldKind === 'map') return mapCheck(compiler, field, rules);
  const check = valueCheck(compiler, field, rules);
  if (check === undefined && !rules.required) return undefined;
  return field.oneof === undefined ? singularCheck(field, rules, check) : memberCheck(field, rules, check);
}

function valueCheck(compiler: Compiler, { scalar, enum: values, message }: Type, rules: Rules): Check | undefined {
  if (message !== undefined && rules.kind !== '')
    throw new Error(`${rules.where}: ${rules.kind} rules are not supported`);
  return all([storableScalar(scalar), scalarCheck(rules, values), message && compiler.message(message)]);
}

const isZero = (value: unknown): boolean =>
  value === '' || value === 0 || value === 0n || value === false || (value instanceof Uint8Array && value.length === 0);

function singularCheck(field: DescField, { required, ignore }: Rules, check: Check | undefined): Check {
  const { name, localName } = field;
  const implicit = field.message === undefined && !field.proto.proto3Optional;
  return (message, issues) => {
    const value: unknown = message[localName];
    if (required && (value === undefined || (implicit && isZero(value))))
      return failAt(issues, name, 'required', 'is required');
    if (value === undefined || check === undefined || (ignore === 'zero' && isZero(value))) return;
    checkField(check, value, issues, name);
  };
}

/** A member of a oneof, which ts-proto represents as `{ $case, value }`. */
function memberCheck(
  { name, localName, oneof }: DescField,
  { required, ignore }: Rules,
  check: Check | undefined,
): Check {
  const group = oneof!.localName;
  return (message, issues) => {
    const chosen = message[group] as { $case: string; value: unknown } | undefined;
    if (chosen?.$case !== localName) {
      if (required) failAt(issues, name, 'required', 'is required');
    } else if (check !== undefined && !(ignore === 'zero' && isZero(chosen.value))) {
      checkField(check, chosen.value, issues, name);
    }
  };
}

function listCheck(compiler: Compiler, field: DescField & { fieldKind: 'list' }, rules: Rules): Check {
  assertKnown(rules, ['min_items', 'max_items', 'unique', 'items']);
  const items = readRules(compiler.registry, `${rules.where} items`, rules.written.get('items') as Message | undefined);
  const item = items.ignore === 'always' ? undefined : valueCheck(compiler, field, items);
  const size = sizeCheck(rules, 'items', (list: unknown[]) => list.length);
  const unique = rules.written.get('unique') === true ? checkUnique : undefined;
  const elements: Check | undefined =
    item &&
    ((list: unknown[], issues) => {
      for (let i = 0; i < list.length && issues.length < ISSUES_MAX; i++) {
        if (items.ignore === 'zero' && isZero(list[i])) continue;
        checkElement(item, list[i], issues, i);
      }
    });
  return part(field, all([size, unique, elements]));
}

const checkUnique: Check = (list: unknown[], issues) => {
  if (new Set(list).size !== list.length) fail(issues, 'repeated.unique', 'must not have an item twice');
};

function mapCheck(compiler: Compiler, field: DescField & { fieldKind: 'map' }, rules: Rules): Check {
  assertKnown(rules, ['min_pairs', 'max_pairs', 'keys', 'values']);
  const [keyRules, valueRules] = ['keys', 'values'].map((rule) =>
    readRules(compiler.registry, `${rules.where} ${rule}`, rules.written.get(rule) as Message | undefined),
  );
  const key = valueCheck(compiler, { scalar: field.mapKey, enum: undefined, message: undefined }, keyRules!);
  const value = valueCheck(compiler, field, valueRules!);
  const size = sizeCheck(rules, 'pairs', (map: Map<unknown, unknown>) => map.size);
  const pairs: Check | undefined =
    (key ?? value) &&
    ((map: Map<unknown, unknown>, issues) => {
      for (const [name, content] of map) {
        if (issues.length >= ISSUES_MAX) return;
        if (key !== undefined) checkElement(key, name, issues, name);
        if (value !== undefined) checkElement(value, content, issues, name);
      }
    });
  return part(field, all([size, pairs]));
}

/** Checks the number of elements. The rule `required` requires at least one. */
function sizeCheck<T>(
  { kind, required, written }: Rules,
  unit: string,
  measure: (value: T) => number,
): Check | undefined {
  const [min, max] = ['min', 'max'].map((bound) => written.get(`${bound}_${unit}`) as bigint | undefined);
  if (!required && min === undefined && max === undefined) return undefined;
  return (value: T, issues) => {
    const size = measure(value);
    if (required && size === 0) return fail(issues, 'required', 'is required');
    if (min !== undefined && size < min) fail(issues, `${kind}.min_${unit}`, `must have at least ${min} ${unit}`);
    if (max !== undefined && size > max) fail(issues, `${kind}.max_${unit}`, `must have at most ${max} ${unit}`);
  };
}

function part({ name, localName }: DescField, check: Check | undefined): Check {
  return (message, issues) => {
    if (check !== undefined) checkField(check, message[localName], issues, name);
  };
}

function failAt(issues: Parameters<Check>[1], name: string, rule: string, description: string): void {
  checkField((_, found) => fail(found, rule, description), undefined, issues, name);
}
