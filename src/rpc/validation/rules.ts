import { getOption, hasOption, type DescField, type FileRegistry, type Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { extensionOf } from '../contract.ts';

/** The rules of one kind, such as `string`: those that are set in the contract, by name. */
export type Written = ReadonlyMap<string, unknown>;

/** The rules of the contract for a field, an element, a key or a value. */
export interface Rules {
  /** For error messages: the field. */
  readonly where: string;
  readonly required: boolean;
  readonly ignore: 'never' | 'zero' | 'always';
  /** Such as `string`, `int32`, `repeated`; '': none. */
  readonly kind: string;
  readonly written: Written;
}

const KNOWN = new Set(['required', 'ignore', 'type']);
const IGNORE = ['never', 'zero', undefined, 'always'] as const;

/** The rules of a field. */
export function fieldRules(registry: FileRegistry, field: DescField): Rules {
  const where = `${field.parent.typeName}.${field.name}`;
  const extension = extensionOf(registry, 'buf.validate.field');
  return readRules(registry, where, hasOption(field, extension) ? (getOption(field, extension) as Message) : undefined);
}

/**
 * Reads a message buf.validate.FieldRules. Throws if a rule is not supported: no rule may be silently
 * ignored.
 */
export function readRules(registry: FileRegistry, where: string, message: Message | undefined): Rules {
  if (message === undefined) return { where, required: false, ignore: 'never', kind: '', written: new Map() };
  const desc = registry.getMessage('buf.validate.FieldRules')!;
  const rules = reflect(desc, message);
  const set = desc.fields.filter((field) => rules.isSet(field));
  const kind = set.find((field) => field.oneof?.name === 'type');
  const unknown = set.find((field) => field !== kind && !KNOWN.has(field.name));
  if (unknown !== undefined) throw new Error(`${where}: the rule ${unknown.name} is not supported`);
  const number = Number(rules.get(desc.field['ignore']!));
  const ignore = IGNORE[number];
  if (ignore === undefined) throw new Error(`${where}: ignore ${number} is not supported`);
  const required = rules.get(desc.field['required']!) === true;
  if (kind === undefined) return { where, required, ignore, kind: '', written: new Map() };
  return { where, required, ignore, kind: kind.name, written: readKind(registry, kind, message) };
}

function readKind(registry: FileRegistry, kind: DescField, message: Message): Written {
  const value = reflect(registry.getMessage('buf.validate.FieldRules')!, message).get(kind) as {
    message: Message;
  };
  const rules = reflect(kind.message!, value.message);
  const written = kind.message!.fields.filter((field) => field.name !== 'example' && rules.isSet(field));
  return new Map(
    written.map((field) => {
      const rule: unknown = rules.get(field);
      if (field.fieldKind === 'list') return [field.name, [...(rule as Iterable<unknown>)]];
      return [field.name, field.fieldKind === 'message' ? (rule as { message: Message }).message : rule];
    }),
  );
}

/** Throws if there is a rule that the caller does not know. */
export function assertKnown({ where, kind, written }: Rules, known: readonly string[]): void {
  const unknown = [...written.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${where}: the rule ${kind}.${unknown} is not supported`);
}
