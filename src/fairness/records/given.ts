import type { BoundConfig } from '../config-hash.ts';
import type { Check } from '../check.ts';
import type { BeaconChain } from '../beacon.ts';
import type { Draw } from '../draw.ts';
import type { HmacKey } from '../hmac.ts';
import type { JsonReader } from '../json-reader.ts';
import type { RaffleEntry } from '../raffle.ts';
import type { StreamKind } from '../seeds.ts';
import type { RecordHead } from './record.ts';

/** How the draws of one recipe are checked. */
export interface Recipe {
  readonly stream: StreamKind;
  /** Whether a record names a player. */
  readonly player: boolean;
  /** The origins of each client seed besides `none`, in order. */
  readonly origins: readonly (readonly string[])[];
  /**
   * Recomputes the outcome: what it has to be, with all its members. It takes from the stated one only what the server
   * alone knows, and adds a failure for what cannot be. Throws an ApiError or a RangeError where it cannot draw.
   */
  outcome(given: Given): object;
}

/** What is given to check a draw: all of it was supplied by anybody. */
export interface Given {
  readonly check: Check;
  readonly head: RecordHead;
  readonly config: string;
  /** The stated outcome. */
  readonly stated: JsonReader;
  /** Only for raffles: all sales. */
  readonly entries: readonly RaffleEntry[];
  /** The chain of drand whose signatures can be checked. */
  readonly beacon: BeaconChain;
  /** For draws with another config or message than the record's. */
  readonly serverSeed: HmacKey;
  /** The draw with a sub. @param chain what stands after the config's hash in the message: for jackpots. */
  draw(sub: number, chain?: string): Draw;
}

/** Notes whether the config is the text that is made of what was read from it, to the byte. */
export function checkConfig({ check, config, head }: Given, bound: BoundConfig): void {
  check.same('config', config, bound.config);
  check.same('record.config_hash', head.configHash, bound.configHash);
}

/** Notes each member in which a stated value differs from what it has to be. */
export function compare(check: Check, stated: unknown, computed: unknown, path: string): void {
  if (!isObject(stated) || !isObject(computed) || Array.isArray(stated) !== Array.isArray(computed)) {
    check.same(path, stated, computed);
    return;
  }
  if (Array.isArray(stated) && Array.isArray(computed))
    check.holds(
      path,
      stated.length === computed.length,
      `has ${stated.length} entries, but must have ${computed.length}`,
    );
  for (const key of new Set([...Object.keys(computed), ...Object.keys(stated)])) {
    const field = Array.isArray(computed) ? `${path}[${key}]` : `${path}.${key}`;
    if (!Object.hasOwn(computed, key)) check.fail(`${field}: is not known`);
    else if (!Object.hasOwn(stated, key)) check.fail(`${field}: is missing`);
    else compare(check, stated[key], computed[key], field);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
