import { randomInt, randomUUID } from 'node:crypto';
import { uuidv7 } from '../../src/kernel/index.ts';

/** A player of the bench, by number. */
export const playerName = (n: number): string => `bench-${String(n).padStart(5, '0')}`;

/** Stands in a template where each call has a random player. */
export const A_PLAYER = 'bench-?????';
/** Stands in a template where each call has a new idempotency key: a UUIDv7, ordered by time. */
export const A_KEY = '00000000-0000-7000-8000-000000000000';

/** Stands in a template where each call has a random one of a hundred jackpots. */
export const A_JACKPOT = 'jackpot-??';

/** A jackpot of the bench, by number: 0 to 99. */
export const jackpotName = (n: number): string => `jackpot-${String(n).padStart(2, '0')}`;

export interface Filling {
  readonly playerCount: number;
  /** Whether the players take turns; otherwise each is a random one. */
  readonly inTurn?: boolean;
  /** Whether keys are UUIDv4, in no order; otherwise UUIDv7. */
  readonly randomKeys?: boolean;
}

/**
 * A request that is encoded once: each call patches its own players, jackpots and keys in. So the client costs next to
 * nothing, and the same for an echo as for the real thing.
 */
export class Template {
  readonly #bytes: Buffer;
  readonly #players: readonly number[];
  readonly #jackpots: readonly number[];
  readonly #keys: readonly number[];
  readonly #filling: Filling;
  #order = 0;
  #turn = 0;

  constructor(bytes: Uint8Array, filling: Filling) {
    this.#bytes = Buffer.from(bytes);
    this.#players = placesOf(this.#bytes, A_PLAYER);
    this.#jackpots = placesOf(this.#bytes, A_JACKPOT);
    this.#keys = placesOf(this.#bytes, A_KEY);
    this.#filling = filling;
  }

  /** How many items the request has: as many as keys. */
  get items(): number {
    return this.#keys.length;
  }

  /** A new request. */
  fill(): Buffer {
    const bytes = Buffer.from(this.#bytes);
    const { playerCount, randomKeys = false, inTurn = false } = this.#filling;
    for (const at of this.#players) {
      const player = inTurn ? this.#turn++ % playerCount : randomInt(playerCount);
      bytes.write(playerName(player), at, 'latin1');
    }
    for (const at of this.#jackpots) bytes.write(jackpotName(randomInt(100)), at, 'latin1');
    const now = Date.now();
    for (const at of this.#keys)
      bytes.write(randomKeys ? randomUUID() : uuidv7(now, this.#order++ & 0xfff), at, 'latin1');
    return bytes;
  }
}

function placesOf(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) places.push(at);
  return places;
}
