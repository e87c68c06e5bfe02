/** Whatever JSON holds: every step of the verifier either fits or is a reason for INVALID. */
export type Json = any;

/**
 * RFC 8785 for what configs hold: objects, lists, strings, booleans, integers. JavaScript sorts as the RFC
 * does.
 */
export function jcs(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(jcs).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${jcs(value[key])}`);
  return `{${members.join(',')}}`;
}

/** A count; transcoders to JSON write integers of 64 bits as strings and may leave zeros out. */
export function int(value: Json): number {
  const number = Number(value ?? 0);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${value} is not a count`);
  return number;
}

/** A decimal of at most 6 places, in millionths. */
export function micros(text: string): bigint {
  const parts = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  if (parts === null) throw new Error(`"${text}" is not an amount`);
  return BigInt(parts[1] + (parts[2] ?? '').padEnd(6, '0'));
}

/** Millionths as a decimal, without zeros at the end. */
export const decimal = (amount: bigint): string =>
  String(amount)
    .padStart(7, '0')
    .replace(/(\d{6})$/, '.$1')
    .replace(/\.?0{0,6}$/, '');
