/** Any JSON: a value that a step of the verifier does not expect is a reason for INVALID. */
export type Json = any;

/**
 * RFC 8785 for the values in configs: objects, lists, strings, booleans, integers. JavaScript sorts keys as the RFC
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

/** Parses a text in the canonical form. Throws if it is not. */
export function canonical(text: string, path: string): Json {
  const value = JSON.parse(text);
  if (jcs(value) !== text) throw new Error(`${path} is not canonical (RFC 8785)`);
  return value;
}

/** A count. Transcoders to JSON write 64-bit integers as strings and may omit zeros. */
export function int(value: Json): number {
  const number = Number(value ?? 0);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${value} is not a count`);
  return number;
}

/** Parses a decimal with at most 6 places into millionths. */
export function micros(text: string): bigint {
  const parts = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  if (parts === null) throw new Error(`"${text}" is not an amount`);
  return BigInt(parts[1] + (parts[2] ?? '').padEnd(6, '0'));
}

/** Millionths as a decimal without trailing zeros. */
export const decimal = (amount: bigint): string =>
  String(amount)
    .padStart(7, '0')
    .replace(/(\d{6})$/, '.$1')
    .replace(/\.?0{0,6}$/, '');
