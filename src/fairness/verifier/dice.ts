import { createHash, createHmac } from 'node:crypto';
import { int, type Json } from './json.ts';

/** The SHA-256 digest in hex. */
export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
/** HMAC-SHA-256 with a key in hex. */
export const hmac = (key: string, message: string): Buffer =>
  createHmac('sha256', Buffer.from(key, 'hex')).update(message).digest();

/** The client seed of a draw: the one of windfall/1, or those of windfall/2 joined by line feeds. */
const clientSeed = ({ client_seed: one, client_seeds: seeds }: Json): string =>
  (seeds ?? []).length === 0 ? (one ?? '') : seeds.map(({ seed }: Json) => seed ?? '').join('\n');

/** The words of a draw: block i is HMAC(seed, "client:nonce:sub:config hash:i"), four words of 64 bits each. */
export function* wordsOf(proof: Json, sub: number): Generator<bigint> {
  for (let i = 0; ; i++) {
    const message = `${clientSeed(proof)}:${int(proof.nonce)}:${sub}:${proof.config_hash}:${i}`;
    const block = hmac(proof.server_seed, message);
    for (let at = 0; at < 32; at += 8) yield block.readBigUInt64BE(at);
  }
}

/** Draws from words without bias, and counts the words it has used. */
export class Dice {
  taken = 0;
  words: Iterator<bigint>;

  constructor(words: Iterator<bigint>) {
    this.words = words;
  }

  uniform(n: bigint | number): bigint {
    const size = BigInt(n);
    if (size < 1n || size > 2n ** 63n) throw new Error(`cannot draw below ${n}`);
    const limit = (2n ** 64n / size) * size;
    for (;;) {
      const word = this.words.next().value as bigint;
      this.taken++;
      if (word < limit) return word % size;
    }
  }

  weighted(weights: number[]): number {
    let r = this.uniform(weights.reduce((sum, weight) => sum + BigInt(weight), 0n));
    return weights.findIndex((weight) => (r -= BigInt(weight)) < 0n);
  }
}
