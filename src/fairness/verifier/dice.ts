import { createHash, createHmac } from 'node:crypto';
import { int, type Json } from './json.ts';

/** The SHA-256 digest in hex. */
export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
/** HMAC-SHA-256 with a key in hex. */
export const hmac = (key: string, message: string): Buffer =>
  createHmac('sha256', Buffer.from(key, 'hex')).update(message).digest();

/** The words of a draw of windfall/1. */
export const wordsOf = (proof: Json, sub: number): Generator<bigint> =>
  wordsFor(proof.server_seed, {
    clientSeed: proof.client_seed ?? '',
    nonce: int(proof.nonce),
    sub,
    configHash: proof.config_hash,
  });

/** What is hashed under the server seed. */
export interface Message {
  clientSeed: string;
  nonce: number;
  sub: number;
  configHash: string;
}

/** The words of a draw: block i is HMAC(seed, "client:nonce:sub:config hash:i"), four words of 64 bits each. */
export function* wordsFor(seed: string, { clientSeed, nonce, sub, configHash }: Message): Generator<bigint> {
  for (let i = 0; ; i++) {
    const block = hmac(seed, `${clientSeed}:${nonce}:${sub}:${configHash}:${i}`);
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
