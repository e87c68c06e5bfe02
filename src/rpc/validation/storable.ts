import { ScalarType, type DescMessage } from '@bufbuild/protobuf';
import { fail, type Check } from './check.ts';

/**
 * Checks that PostgreSQL and JSON can both hold a value. It applies to every value, whatever the rules of the field.
 */
export function storableScalar(type: ScalarType | undefined): Check | undefined {
  if (type === ScalarType.STRING) return checkText;
  return type === ScalarType.DOUBLE || type === ScalarType.FLOAT ? checkFinite : undefined;
}

/** The check of messages that ts-proto represents as plain values. Throws if the type is not supported. */
export function storableWellKnown({ typeName }: DescMessage): Check | null {
  switch (typeName) {
    case 'google.protobuf.Timestamp':
      return checkTime;
    case 'google.protobuf.Struct':
    case 'google.protobuf.Value':
    case 'google.protobuf.ListValue':
      return (value, issues) => checkJson(value, issues, JSON_DEPTH_MAX);
    default:
      if (/^google\.protobuf\.(\w+Value|FieldMask)$/.test(typeName)) throw new Error(`${typeName} is not supported`);
      return null;
  }
}

/** The two least doubles mark nulls in answers over REST: see nulls.ts. */
export const LEAST_DOUBLE = -Number.MAX_VALUE;
export const RESERVED_DOUBLE = -1.7976931348623155e308;

/** Deeper nesting could overflow the stack of code that traverses it. */
const JSON_DEPTH_MAX = 32;
/** The years 1 to 9999: JSON of protobuf has no others. */
const TIME_MIN = -62_135_596_800_000;
const TIME_MAX = 253_402_300_799_999;

const checkText: Check = (text: string, issues) => {
  if (text.includes('\0')) fail(issues, 'string.nul', 'must not contain U+0000');
};

const checkFinite: Check = (value: number, issues) => {
  if (!(value > RESERVED_DOUBLE && value < Infinity)) fail(issues, 'double.finite', 'must be a finite number');
};

const checkTime: Check = (time: Date, issues) => {
  const ms = time.getTime();
  if (!(ms >= TIME_MIN && ms <= TIME_MAX)) fail(issues, 'timestamp.range', 'must be a time in the years 1 to 9999');
};

function checkJson(value: unknown, issues: Parameters<Check>[1], depth: number): void {
  if (typeof value === 'string') return checkText(value, issues);
  if (typeof value === 'number') return checkFinite(value, issues);
  if (typeof value !== 'object' || value === null) return;
  if (depth === 0) return fail(issues, 'struct.depth', `must not nest deeper than ${JSON_DEPTH_MAX} levels`);
  for (const [name, part] of Object.entries(value)) {
    if (issues.length > 0) return;
    checkText(name, issues);
    checkJson(part, issues, depth - 1);
  }
}
