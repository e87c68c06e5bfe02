import { fromBinary, toBinary, type DescField, type DescMessage } from '@bufbuild/protobuf';

/** Returns the bytes of a message in which all map entries have a key and a value. */
export type Whole = (message: unknown, bytes: Buffer) => Buffer;

/** Whether a value contains a map entry that ts-proto writes without its key or value. */
type Lacks = (value: any) => boolean;

/**
 * ts-proto omits the key or value of a map entry if it is empty or 0, as protobuf allows. The transcoder of Envoy 1.40
 * crashes on such an entry, and with it all calls that Envoy serves. Null: the message contains no map.
 */
export function compileWhole(desc: DescMessage): Whole | null {
  const lacks = lacksOf(desc, new Map());
  if (lacks === null) return null;
  return (message, bytes) => (lacks(message) ? Buffer.from(toBinary(desc, fromBinary(desc, bytes))) : bytes);
}

function lacksOf(desc: DescMessage, known: Map<DescMessage, Lacks | null>): Lacks | null {
  if (/^google\.protobuf\.(Struct|Value|ListValue)$/.test(desc.typeName)) return lacksName;
  const before = known.get(desc);
  // A recursive type has no check yet; the type that contains it gets one, if there is a map at all.
  if (before !== undefined) return before && ((value) => known.get(desc)!(value));
  known.set(desc, () => false);
  const fields = desc.fields.flatMap((field) => fieldLacks(field, known) ?? []);
  const lacks: Lacks | null = fields.length === 0 ? null : (message) => fields.some((one) => one(message));
  known.set(desc, lacks);
  return lacks;
}

function fieldLacks(field: DescField, known: Map<DescMessage, Lacks | null>): Lacks | null {
  const { localName, oneof } = field;
  const inside = field.message ? lacksOf(field.message, known) : null;
  if (field.fieldKind === 'map') {
    const lacks: Lacks = ([key, value]) => isZero(key) || isZero(value) || inside?.(value) === true;
    return (message) => [...(message[localName] as Map<unknown, unknown>)].some(lacks);
  }
  if (inside === null) return null;
  if (field.fieldKind === 'list') return (message) => (message[localName] as unknown[]).some(inside);
  const valueOf = (message: any): unknown => {
    if (oneof === undefined || field.proto.proto3Optional) return message[localName];
    return message[oneof.localName]?.$case === localName ? message[oneof.localName].value : undefined;
  };
  return (message) => {
    const value = valueOf(message);
    return value !== undefined && inside(value);
  };
}

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === 0n || value === false;

/** A Struct is a map by name: an empty name is omitted. */
function lacksName(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  return Object.entries(json).some(([name, value]) => name === '' || lacksName(value));
}
