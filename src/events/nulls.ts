import type { DescField, DescMessage, FileRegistry, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { option } from '../rpc/index.ts';

/** The JSON of a message, with null where a nullable field is unset or empty. */
export function withNulls(registry: FileRegistry, message: DescMessage, json: JsonObject): JsonObject {
  const filled: JsonObject = { ...json };
  for (const field of message.fields) {
    const value = json[field.jsonName];
    if (option<boolean>(registry, field, 'nullable') && (value === undefined || isEmpty(value)))
      filled[field.jsonName] = null;
    else if (value !== undefined && isOurs(field)) filled[field.jsonName] = inside(registry, field.message!, value);
  }
  return filled;
}

/** Whether it is a list without items, or a map or a message without fields. */
const isEmpty = (value: JsonValue): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Whether it has messages whose JSON is an object of their fields. */
const isOurs = ({ fieldKind, message }: DescField): boolean =>
  fieldKind !== 'map' && message?.typeName.startsWith('windfall.') === true;

const inside = (registry: FileRegistry, message: DescMessage, value: JsonValue): JsonValue =>
  Array.isArray(value)
    ? value.map((one) => withNulls(registry, message, one as JsonObject))
    : withNulls(registry, message, value as JsonObject);
