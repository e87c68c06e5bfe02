/** An amount of one asset in micro-units, 10⁻⁶ of it. */
export type Micros = bigint;

/** One of an asset in micro-units, and a whole in millionths, as shares are. */
export const ONE: Micros = 1_000_000n;
/** The largest amount that an int8 column holds. */
export const MICROS_MAX: Micros = 2n ** 63n - 1n;

/** A sum of amounts, at most the largest one: for counts that nothing may fail for. */
export const capped = (sum: Micros): Micros => (sum > MICROS_MAX ? MICROS_MAX : sum);

const DECIMAL = /^(-?)(\d{1,13})(?:\.(\d{1,6}))?$/;

/** Parses a decimal string of at most 6 decimals, such as "0.50". Undefined: not one, or beyond the largest amount. */
export function parseDecimal(text: string): Micros | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const micros = BigInt(match[2]!) * ONE + BigInt((match[3] ?? '').padEnd(6, '0'));
  if (micros > MICROS_MAX) return undefined;
  return match[1] === '-' ? -micros : micros;
}

/** The shortest decimal string: "1500", "0.5", "-3.000001". */
export function formatDecimal(micros: Micros): string {
  const digits = micros < 0n ? -micros : micros;
  const fraction = digits % ONE;
  const text =
    fraction === 0n ? String(digits / ONE) : `${digits / ONE}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
  return micros < 0n ? `-${text}` : text;
}

/**
 * Reads a JSON number. A double x with |x| ≤ 10⁹ is m = round(x·10⁶) micro-units, accepted only if m/10⁶ equals x. A
 * larger one is read from its shortest decimal. Undefined: more than 6 decimals, not finite, or out of range.
 */
export function fromNumber(x: number): Micros | undefined {
  if (!Number.isFinite(x)) return undefined;
  if (Math.abs(x) > 1e9) return parseDecimal(String(x));
  const micros = Math.round(x * 1e6);
  return micros / 1e6 === x ? BigInt(micros) : undefined;
}

/** The amount nearest to a JSON number that is no money itself, such as 0.1 + 0.2. @param x from -10⁹ to 10⁹. */
export const nearest = (x: number): Micros => BigInt(Math.round(x * 1e6));

/** The nearest double, for the documented fields that are JSON numbers: exact to 15 digits. */
export function toNumber(micros: Micros): number {
  return Number(micros) / 1e6;
}
