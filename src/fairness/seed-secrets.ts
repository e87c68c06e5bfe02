import { LRUCache } from 'lru-cache';
import { HmacKey } from './hmac.ts';
import { serverSeed, serverSeedHash, type MasterKeys } from './seeds.ts';
import type { NextSeed } from './stream.ts';

const KEPT = 10_000;

/** Caches keys that many consecutive draws need: computed once, 6 µs each, and only ever kept in memory. */
export class SeedSecrets {
  readonly #keys: MasterKeys;
  readonly #prepared = new LRUCache<string, HmacKey>({ max: KEPT });
  readonly #hashes = new LRUCache<string, string>({ max: KEPT });

  constructor(keys: MasterKeys) {
    this.#keys = keys;
  }

  /** The hash of a seed, as records say it. */
  hashOf({ name, keyId, position }: Pick<NextSeed, 'name' | 'keyId' | 'position'>): string {
    const place = `${name}/${position}`;
    let known = this.#hashes.get(place);
    if (known === undefined) {
      known = serverSeedHash(serverSeed(this.#keys.key(keyId), name, position));
      this.#hashes.set(place, known);
    }
    return known;
  }

  /** The HMAC key of the draws under a seed. */
  keyOf({ name, keyId, position }: Pick<NextSeed, 'name' | 'keyId' | 'position'>): HmacKey {
    const place = `${name}/${position}`;
    let key = this.#prepared.get(place);
    if (key === undefined) {
      key = HmacKey.fromHex(serverSeed(this.#keys.key(keyId), name, position));
      this.#prepared.set(place, key);
    }
    return key;
  }
}
