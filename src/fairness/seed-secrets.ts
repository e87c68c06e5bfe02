import { LRUCache } from 'lru-cache';
import { Draw } from './draw.ts';
import { HmacKey } from './hmac.ts';
import { serverSeed, type MasterKeys } from './seeds.ts';
import type { NextSeed } from './stream.ts';
import { drawTrigger, type BoundTrigger } from './trigger.ts';

type Seed = Pick<NextSeed, 'name' | 'keyId' | 'position'>;

const KEPT = 10_000;

/** Caches secrets that many consecutive draws need: computed once, 6 µs each, and only ever kept in memory. */
export class SeedSecrets {
  readonly #keys: MasterKeys;
  readonly #triggers = new LRUCache<string, { readonly at: bigint }>({ max: KEPT });
  readonly #hits = new LRUCache<string, HmacKey>({ max: KEPT });

  constructor(keys: MasterKeys) {
    this.#keys = keys;
  }

  /** The hidden trigger of a pot's cycle. */
  trigger(seed: Seed, bound: () => BoundTrigger): bigint {
    const name = `${seed.name}/${seed.position}`;
    let trigger = this.#triggers.get(name);
    if (trigger === undefined) {
      trigger = { at: drawHidden(this.#secret(seed), bound()).trigger };
      this.#triggers.set(name, trigger);
    }
    return trigger.at;
  }

  /** The HMAC key of the draws under a seed. */
  hitKey(seed: Seed): HmacKey {
    const name = `${seed.name}/${seed.position}`;
    let key = this.#hits.get(name);
    if (key === undefined) this.#hits.set(name, (key = HmacKey.fromHex(this.#secret(seed))));
    return key;
  }

  #secret({ name, keyId, position }: Seed): string {
    return serverSeed(this.#keys.key(keyId), name, position);
  }
}

/** Draws a hidden trigger, as its proof does: no client seed, nonce 0. */
export function drawHidden(
  serverSeed: string,
  bound: BoundTrigger,
): { readonly trigger: bigint; readonly words: number } {
  const draw = new Draw({ serverSeed, clientSeed: '', nonce: 0, sub: 0, configHash: bound.configHash });
  return { trigger: drawTrigger(draw, bound), words: draw.wordsConsumed };
}
