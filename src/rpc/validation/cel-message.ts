import {
  create,
  fromJson,
  ScalarType,
  type DescField,
  type DescMessage,
  type DescOneof,
  type JsonValue,
  type Message,
} from '@bufbuild/protobuf';
import { ListValueSchema, timestampFromMs, ValueSchema } from '@bufbuild/protobuf/wkt';

/** Converts an object of ts-proto to a message that CEL can read, so that has() and defaults work as CEL expects. */
export function celMessage(desc: DescMessage, value: any): Message {
  const init: Record<string, unknown> = {};
  for (const member of desc.members) {
    const part: unknown = value[member.localName];
    if (part === undefined) continue;
    init[member.localName] = member.kind === 'oneof' ? chosen(member, part) : whole(member, part);
  }
  return create(desc, init);
}

function chosen({ fields }: DescOneof, part: unknown): unknown {
  const { $case, value } = part as { $case: string; value: unknown };
  return {
    case: $case,
    value: single(
      fields.find(({ localName }) => localName === $case)!,
      value,
    ),
  };
}

function whole(field: DescField, part: unknown): unknown {
  if (field.fieldKind === 'list')
    return field.message === undefined ? part : (part as unknown[]).map((item) => single(field, item));
  if (field.fieldKind !== 'map') return single(field, part);
  return Object.fromEntries(
    Array.from(part as Map<unknown, unknown>, ([key, item]) => [String(key), single(field, item)]),
  );
}

/** The value of a field, of a list item or of a map entry. */
function single({ message }: DescField, value: unknown): unknown {
  switch (message?.typeName) {
    case undefined:
    case 'google.protobuf.Struct':
      return value;
    case 'google.protobuf.Timestamp':
      return timestampFromMs((value as Date).getTime());
    case 'google.protobuf.Value':
      return fromJson(ValueSchema, value as JsonValue);
    case 'google.protobuf.ListValue':
      return fromJson(ListValueSchema, value as JsonValue);
    default:
      return celMessage(message!, value);
  }
}

/** How deep a sample of a recursive type is: enough for any expression that a person writes. */
const SAMPLE_DEPTH = 4;

/**
 * A message whose lists and maps have one element each, also in nested messages, so that the parts of an expression
 * can be evaluated on something. The `choice`th field of every oneof is set, if it has that many.
 */
export function sampleMessage(desc: DescMessage, choice: number, depth = SAMPLE_DEPTH): Message {
  const init: Record<string, unknown> = {};
  for (const member of desc.members) {
    if (member.kind === 'field') init[member.localName] = sampleField(member, choice, depth);
    const field = member.kind === 'oneof' ? member.fields[choice] : undefined;
    if (field !== undefined)
      init[member.localName] = { case: field.localName, value: sampleSingle(field, choice, depth) };
  }
  return create(desc, init);
}

function sampleField(field: DescField, choice: number, depth: number): unknown {
  if (field.fieldKind === 'scalar' || field.fieldKind === 'enum') return undefined;
  const value = sampleSingle(field, choice, depth);
  if (field.fieldKind === 'message' || value === undefined) return value;
  return field.fieldKind === 'list' ? [value] : { [zeroKey(field.mapKey)]: value };
}

function sampleSingle(field: DescField, choice: number, depth: number): unknown {
  if (field.enum !== undefined) return field.enum.values[0]!.number;
  if (field.message === undefined) return zero(field.scalar);
  if (depth === 0) return undefined;
  const isStruct = field.message.typeName === 'google.protobuf.Struct';
  return isStruct ? {} : sampleMessage(field.message, choice, depth - 1);
}

function zeroKey(type: ScalarType): string {
  if (type === ScalarType.STRING) return '';
  return type === ScalarType.BOOL ? 'false' : '0';
}

const LONG = new Set([ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64]);

function zero(type: ScalarType): unknown {
  if (type === ScalarType.STRING) return '';
  if (type === ScalarType.BYTES) return new Uint8Array();
  if (type === ScalarType.BOOL) return false;
  return LONG.has(type) ? 0n : 0;
}
