import { hash } from 'node:crypto';

const BLOCK = 64;
const DIGEST = 32;
const ROOM = 1024;

// Buffers shared by all keys, which is safe because a digest is synchronous: an inner pad and a message; an outer
// pad and a digest.
const inner = Buffer.alloc(BLOCK + ROOM);
const outer = Buffer.alloc(BLOCK + DIGEST);
// inner.subarray by length of message: creating a view costs 0.15 µs, a seventh of a whole HMAC.
const innerViews: Buffer[] = [];

/**
 * A key of HMAC-SHA256 (RFC 2104) with its two pads prepared. Two one-shot hashes take 1.0 µs;
 * `createHmac` takes 16: its cost is the native object, not the hashing. A digest is stored as a latin1 string,
 * one character per byte, because a Buffer costs three times as much as the hash itself.
 */
export class HmacKey {
  readonly #innerPad = new Uint8Array(BLOCK).fill(0x36);
  readonly #outerPad = new Uint8Array(BLOCK).fill(0x5c);

  /** @param key of any length; a key longer than 64 bytes is hashed first, as RFC 2104 says. */
  constructor(key: Uint8Array) {
    const short = key.length > BLOCK ? hash('sha256', key, 'buffer') : key;
    for (let i = 0; i < short.length; i++) {
      this.#innerPad[i]! ^= short[i]!;
      this.#outerPad[i]! ^= short[i]!;
    }
  }

  /** A key from its hex digits. */
  static fromHex(digits: string): HmacKey {
    return new HmacKey(Buffer.from(digits, 'hex'));
  }

  /** HMAC of the message's UTF-8 bytes: 32 characters, one per byte. */
  latin1(message: string): string {
    this.#prepareOuter(message);
    return hash('sha256', outer, 'binary');
  }

  /** HMAC of the message's UTF-8 bytes: 64 lower-case hex digits. */
  hex(message: string): string {
    this.#prepareOuter(message);
    return hash('sha256', outer, 'hex');
  }

  #prepareOuter(message: string): void {
    outer.set(this.#outerPad);
    outer.write(hash('sha256', this.#innerInput(message), 'binary'), BLOCK, 'latin1');
  }

  #innerInput(message: string): Uint8Array {
    if (message.length * 3 > ROOM) return Buffer.concat([this.#innerPad, Buffer.from(message)]);
    inner.set(this.#innerPad);
    const length = inner.write(message, BLOCK, 'utf8');
    return (innerViews[length] ??= inner.subarray(0, BLOCK + length));
  }
}
