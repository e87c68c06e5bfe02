/**
 * PostgreSQL's binary array format, for parameters that pg sends unchanged because they are Buffers: 3 µs per 256 int8
 * values; text arrays take 31.
 */

const INT8 = 20;
const TEXT = 25;
const BYTEA = 17;
const UUID = 2950;
const INT2 = 21;
const TIMESTAMPTZ = 1184;
/** Microseconds from 1970 to 2000, the epoch of PostgreSQL's timestamps. */
const EPOCH_2000 = 946_684_800_000_000;
const HEADER = 20;

function header(buffer: Buffer, oid: number, length: number): void {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(0, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
}

function writeInt8(buffer: Buffer, value: number | bigint, at: number): void {
  buffer.writeInt32BE(8, at);
  if (typeof value === 'bigint') {
    buffer.writeBigInt64BE(value, at + 4);
    return;
  }
  // Two halves: 5 × faster than converting to a bigint.
  buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), at + 4);
  buffer.writeUInt32BE(value >>> 0, at + 8);
}

function fixed8(oid: number, values: readonly (number | bigint)[], shift: number): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER + values.length * 12);
  header(buffer, oid, values.length);
  for (let i = 0, at = HEADER; i < values.length; i++, at += 12) {
    const value = values[i]!;
    writeInt8(buffer, shift === 0 ? value : Number(value) - shift, at);
  }
  return buffer;
}

/** An `int8[]` of integers: numbers up to 2⁵³, or bigints. */
export const int8Array = (values: readonly (number | bigint)[]): Buffer => fixed8(INT8, values, 0);

/** A `timestamptz[]` of microseconds since 1970. */
export const timeArray = (micros: readonly number[]): Buffer => fixed8(TIMESTAMPTZ, micros, EPOCH_2000);

/** An `int2[]`. */
export function int2Array(values: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER + values.length * 6);
  header(buffer, INT2, values.length);
  for (let i = 0, at = HEADER; i < values.length; i++, at += 6) {
    buffer.writeInt32BE(2, at);
    buffer.writeInt16BE(values[i]!, at + 4);
  }
  return buffer;
}

/** A `uuid[]` of UUIDs as text. */
export function uuidArray(values: readonly string[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER + values.length * 20);
  header(buffer, UUID, values.length);
  for (let i = 0, at = HEADER; i < values.length; i++, at += 20) {
    buffer.writeInt32BE(16, at);
    writeUuid(buffer, values[i]!, at + 4);
  }
  return buffer;
}

/** Digit by digit: a quarter of the time of removing the hyphens and decoding the rest. */
function writeUuid(buffer: Buffer, uuid: string, at: number): void {
  for (let i = 0; i < 16; i++) {
    const place = DIGITS[i]!;
    buffer[at + i] = (VALUES[uuid.charCodeAt(place)]! << 4) | VALUES[uuid.charCodeAt(place + 1)]!;
  }
}

/** The positions in a UUID's text where the digits of each byte begin. */
const DIGITS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
/** The values of hexadecimal digits by their character codes. */
const VALUES = new Uint8Array(128);
for (let value = 0; value < 16; value++) {
  const text = value.toString(16);
  VALUES[text.charCodeAt(0)] = value;
  VALUES[text.toUpperCase().charCodeAt(0)] = value;
}

/** A `text[]`. */
export function textArray(values: readonly string[]): Buffer {
  let size = HEADER;
  const lengths = new Array<number>(values.length);
  for (let i = 0; i < values.length; i++) size += 4 + (lengths[i] = Buffer.byteLength(values[i]!));
  const buffer = Buffer.allocUnsafe(size);
  header(buffer, TEXT, values.length);
  for (let i = 0, at = HEADER; i < values.length; at += 4 + lengths[i++]!) {
    buffer.writeInt32BE(lengths[i]!, at);
    buffer.write(values[i]!, at + 4);
  }
  return buffer;
}

/** A `bytea[]`. */
export function bytesArray(values: readonly Uint8Array[]): Buffer {
  let size = HEADER;
  for (const value of values) size += 4 + value.length;
  const buffer = Buffer.allocUnsafe(size);
  header(buffer, BYTEA, values.length);
  let at = HEADER;
  for (const value of values) {
    buffer.writeInt32BE(value.length, at);
    buffer.set(value, at + 4);
    at += 4 + value.length;
  }
  return buffer;
}
