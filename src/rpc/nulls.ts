import { create, ScalarType, type DescField, type DescMessage, type FileRegistry } from '@bufbuild/protobuf';
import { option } from './contract.ts';
import { LEAST_DOUBLE, RESERVED_DOUBLE } from './validation/storable.ts';

/** Puts markers where a REST client should get null, in a copy of the message. */
export type Mark = (message: Message) => Message;
type Message = Record<string, unknown>;

export interface Nulls {
  /** The JSON names of the nullable fields. */
  readonly names: readonly string[];
  readonly mark: Mark;
}

/**
 * JSON of protobuf omits an unset field. Where the documents have null, the server sends a marker that
 * cannot be a valid value, and the edge replaces it by null: U+0000 for a string, the least double for a double, and
 * for a message one with U+0000 twice in its first string, or the double after the least in its first double. All are
 * rejected in every request. NaN would not do: JSON has it as a text, which a caller's own metadata may hold.
 */
export function compileNulls(registry: FileRegistry, message: DescMessage): Nulls | null {
  const names = new Set<string>();
  const mark = compile(registry, message, names, new Set());
  return mark && { names: [...names], mark };
}

function compile(
  registry: FileRegistry,
  message: DescMessage,
  names: Set<string>,
  above: Set<DescMessage>,
): Mark | null {
  // A recursive message is not marked again: that would be a Struct, or nothing that the documents have.
  if (above.has(message)) return null;
  const inside = new Set(above).add(message);
  const marks = message.fields.flatMap((field) => markOf(registry, field, names, inside) ?? []);
  if (marks.length === 0) return null;
  const failure = message.fields.find((field) => option<boolean>(registry, field, 'failure'))?.localName;
  return (value) => {
    if (failure !== undefined && value[failure] !== undefined) return value;
    const copy = { ...value };
    for (const mark of marks) mark(copy);
    return copy;
  };
}

function markOf(
  registry: FileRegistry,
  field: DescField,
  names: Set<string>,
  above: Set<DescMessage>,
): ((copy: Message) => void) | null {
  const name = field.localName;
  if (option<boolean>(registry, field, 'nullable')) {
    names.add(nullableName(field));
    const marker = field.fieldKind === 'message' ? messageMarker(field.message) : markerOf(field);
    const inside = field.message ? compile(registry, field.message, names, above) : null;
    return (copy) => {
      const value = copy[name];
      copy[name] = value === undefined ? marker : inside === null ? value : inside(value as Message);
    };
  }
  const mark = field.message && compile(registry, field.message, names, above);
  if (!mark) return null;
  switch (field.fieldKind) {
    case 'list':
      return (copy) => {
        copy[name] = (copy[name] as Message[]).map(mark);
      };
    case 'map':
      return (copy) => {
        copy[name] = new Map([...(copy[name] as Map<unknown, Message>)].map(([key, value]) => [key, mark(value)]));
      };
    default:
      return (copy) => {
        if (copy[name] !== undefined) copy[name] = mark(copy[name] as Message);
      };
  }
}

/** The edge uses the names in a pattern, separated by commas. */
function nullableName(field: DescField): string {
  if (/^[A-Za-z0-9_]+$/.test(field.jsonName)) return field.jsonName;
  throw new Error(`${field.parent.typeName}.${field.name}: the name of a nullable field is letters, digits and _`);
}

function markerOf(field: DescField): string | number {
  const scalar = field.fieldKind === 'scalar' && field.proto.proto3Optional ? field.scalar : null;
  if (scalar === ScalarType.STRING) return '\0';
  if (scalar === ScalarType.DOUBLE) return LEAST_DOUBLE;
  throw new Error(
    `${field.parent.typeName}.${field.name}: only an optional string or double, or a message, can be nullable`,
  );
}

/** The edge finds it as an object without others inside. */
function messageMarker(message: DescMessage): Message {
  const plain = message.fields.filter((field) => field.fieldKind === 'scalar' && field.oneof === undefined);
  const first = (type: ScalarType): string | undefined => plain.find(({ scalar }) => scalar === type)?.localName;
  const [string, double] = [first(ScalarType.STRING), first(ScalarType.DOUBLE)];
  if ((string ?? double) === undefined || message.fields.some(({ fieldKind }) => fieldKind === 'map'))
    throw new Error(`${message.typeName}: a message that can be null has a string or a double, and no map`);
  const { $typeName: _, $unknown: __, ...empty } = create(message) as Record<string, unknown>;
  return string === undefined ? { ...empty, [double!]: RESERVED_DOUBLE } : { ...empty, [string]: '\0\0' };
}
