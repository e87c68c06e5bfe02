import { HmacKey } from './hmac.ts';
import { reduce, reduceBigint, UNIFORM_BIGINT_MAX, UNIFORM_MAX } from './uniform.ts';

/** All that the words of a draw depend on. */
export interface DrawInputs {
  /** 64 hex digits; or the key prepared from them, if many draws share one seed. */
  readonly serverSeed: string | HmacKey;
  /** A client seed as `isClientSeed` has it; with windfall/2 one or two of them, joined by a line feed. */
  readonly clientSeed: string;
  /**
   * The seed's position for a player's stream, 0 for raffles and triggers, counting from 0 under a seed for
   * jackpots.
   */
  readonly nonce: number;
  /** The 0-based index of the open within one operation's count; otherwise 0. */
  readonly sub: number;
  /** 64 hex digits, of `bindConfig`. */
  readonly configHash: string;
}

const CLIENT_SEED = /^[\x20-\x7e]{0,64}$/;
const CLIENT_SEEDS = /^[\x20-\x7e]{0,64}(?:\n[\x20-\x7e]{0,64})?$/;

/** Whether a text may be a client seed: up to 64 printable ASCII characters, space to tilde. */
export function isClientSeed(text: string): boolean {
  return CLIENT_SEED.test(text);
}

/** The running totals of weights for `Draw.weighted`: computed once per table, not once per draw. */
export function cumulate(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}

/**
 * The random words of one draw. Block i is HMAC-SHA256(key = the 32 seed bytes,
 * clientSeed ":" nonce ":" sub ":" configHash ":" i) and contains four words of 64 bits, big-endian, in order.
 * Each method below uses the next ones. Nothing can be chosen once the server seed's hash and the client
 * seed are known.
 */
export class Draw {
  readonly #key: HmacKey;
  readonly #prefix: string;
  #block = '';
  #taken = 0;
  #high = 0;
  #low = 0;

  constructor(inputs: DrawInputs) {
    if (!CLIENT_SEEDS.test(inputs.clientSeed)) throw new RangeError('not a client seed');
    const seed = inputs.serverSeed;
    this.#key = typeof seed === 'string' ? HmacKey.fromHex(seed) : seed;
    this.#prefix = `${inputs.clientSeed}:${inputs.nonce}:${inputs.sub}:${inputs.configHash}:`;
  }

  /** How many words were used so far, including rejected ones. */
  get wordsConsumed(): number {
    return this.#taken;
  }

  /** An integer 0 ≤ r < n, each equally likely, for an integer 1 ≤ n ≤ 2^53. Uses a word even for n = 1. */
  uniform(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > UNIFORM_MAX) throw new RangeError(`no range to draw from: ${n}`);
    for (;;) {
      this.#next();
      const outcome = reduce(this.#high, this.#low, n);
      if (outcome !== undefined) return outcome;
    }
  }

  /** The same for 1 ≤ n ≤ 2^63, with the same outcomes and words. */
  uniformBigint(n: bigint): bigint {
    if (n < 1n || n > UNIFORM_BIGINT_MAX) throw new RangeError(`no range to draw from: ${n}`);
    for (;;) {
      const outcome = reduceBigint(this.word(), n);
      if (outcome !== undefined) return outcome;
    }
  }

  /**
   * The index of the first entry whose running total exceeds `uniform(sum)`. An entry of weight w has chance
   * w / sum.
   * @param cumulative running totals of positive integers, at least one, the last at most 2^53.
   */
  weighted(cumulative: readonly number[]): number {
    const r = this.uniform(cumulative[cumulative.length - 1]!);
    let index = 0;
    while (cumulative[index]! <= r) index++;
    return index;
  }

  /** True with chance p / q, for integers 0 ≤ p ≤ q. Uses words even if the result is certain. */
  chance(p: number, q: number): boolean {
    return this.uniform(q) < p;
  }

  /** The next word, unchanged. */
  word(): bigint {
    this.#next();
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  #next(): void {
    const at = this.#taken % 4;
    if (at === 0) this.#block = this.#key.latin1(this.#prefix + this.#taken / 4);
    this.#taken++;
    this.#high = readUint32(this.#block, at * 8);
    this.#low = readUint32(this.#block, at * 8 + 4);
  }
}

function readUint32(bytes: string, at: number): number {
  const low = (bytes.charCodeAt(at + 1) << 16) | (bytes.charCodeAt(at + 2) << 8) | bytes.charCodeAt(at + 3);
  return bytes.charCodeAt(at) * 0x1000000 + low;
}
