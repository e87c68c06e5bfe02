const TWO_64 = 2n ** 64n;
const TWO_32 = 2 ** 32;

/** The largest n of a draw whose outcome is a number. */
export const UNIFORM_MAX = 2 ** 53;
/** The largest n of any draw; needed for the range of an int8 column. */
export const UNIFORM_BIGINT_MAX = 2n ** 63n;

/**
 * A word of 64 bits reduced to 0 ≤ r < n, for 1 ≤ n ≤ 2^63: w mod n if w < floor(2^64 / n) · n. Words
 * beyond that last whole multiple would favour small outcomes and are rejected: returns undefined.
 */
export function reduceBigint(word: bigint, n: bigint): bigint | undefined {
  return word < TWO_64 - (TWO_64 % n) ? word % n : undefined;
}

/**
 * The same for a word in two halves of 32 bits and 1 ≤ n ≤ 2^53, with the same outcomes. Up to n = 2^32
 * it needs no bigint (0.38 µs per draw, instead of 0.58): fewer than 2^32 words can be rejected then, all with a
 * high half of 2^32 − 1.
 */
export function reduce(high: number, low: number, n: number): number | undefined {
  if (n <= TWO_32 && high < TWO_32 - 1) {
    // Long division by digits of 16 bits: each step stays below 2^32 · 2^16 = 2^48, so doubles are exact.
    const upper = ((high % n) * 0x10000 + (low >>> 16)) % n;
    return (upper * 0x10000 + (low & 0xffff)) % n;
  }
  const reduced = reduceBigint((BigInt(high) << 32n) | BigInt(low), BigInt(n));
  return reduced === undefined ? undefined : Number(reduced);
}
