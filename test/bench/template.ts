import { randomInt } from 'node:crypto';
import { uuidv7 } from '../../src/kernel/index.ts';

/** A player of the bench, by number. */
export const playerName = (n: number): string => `bench-${String(n).padStart(5, '0')}`;

/** Stands in a template where each call has a random player. */
export const A_PLAYER = 'bench-?????';
/** Stands in a template where each call has a new idempotency key: a UUIDv7, ordered by time. */
export const A_KEY = '00000000-0000-7000-8000-000000000000';

/**
 * A request that is encoded once: each call patches its own players and keys in. So the client costs next to
 * nothing, and the same for an echo as for an open.
 */
export class Template {
  readonly #bytes: Buffer;
  readonly #players: readonly number[];
  readonly #keys: readonly number[];
  readonly #playerCount: number;
  #order = 0;

  constructor(bytes: Uint8Array, playerCount: number) {
    this.#bytes = Buffer.from(bytes);
    this.#players = placesOf(this.#bytes, A_PLAYER);
    this.#keys = placesOf(this.#bytes, A_KEY);
    this.#playerCount = playerCount;
  }

  /** How many items the request has: as many as keys. */
  get items(): number {
    return this.#keys.length;
  }

  /** A new request. */
  fill(): Buffer {
    const bytes = Buffer.from(this.#bytes);
    for (const at of this.#players) bytes.write(playerName(randomInt(this.#playerCount)), at, 'latin1');
    const now = Date.now();
    for (const at of this.#keys) bytes.write(uuidv7(now, this.#order++ & 0xfff), at, 'latin1');
    return bytes;
  }
}

function placesOf(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) places.push(at);
  return places;
}
