import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { bls12_381 as bls } from '@noble/curves/bls12-381.js';

/**
 * A chain of drand, pinned: an answer counts only if this public key has signed it. Its scheme is
 * bls-unchained-g1-rfc9380, so that a round can be checked without the others.
 */
export interface BeaconChain {
  /** The chain's name, 64 hex digits. */
  readonly hash: string;
  /** 96 bytes in hex. */
  readonly publicKey: string;
  /** The time of round 1, in seconds since 1970. */
  readonly genesisTime: number;
  /** Seconds between two rounds. */
  readonly period: number;
}

/** The chain quicknet of the League of Entropy. */
export const QUICKNET: BeaconChain = {
  hash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
  publicKey:
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451' +
    '0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  genesisTime: 1_692_803_367,
  period: 3,
};

/** Servers of the League of Entropy. Which of them answers does not matter: every answer is verified. */
export const BEACON_URLS = [
  'https://api.drand.sh',
  'https://api2.drand.sh',
  'https://api3.drand.sh',
  'https://drand.cloudflare.com',
];

/** A verified round. */
export interface BeaconRound {
  readonly round: number;
  /** 48 bytes in hex. */
  readonly signature: string;
  /** SHA-256 of the signature, 64 hex digits. */
  readonly randomness: string;
}

const DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
const SIGNATURE = /^[0-9a-f]{96}$/;
/** How long one server may take, and how much it may send; a round has some 200 bytes. */
const TRY_MS = 2000;
const BODY_MAX = 4096;
/** The pause after all servers were asked in vain: most likely the round is not due yet. */
const PAUSE_MS = 300;

/**
 * The first round that is due at least one period after a time, in microseconds since 1970: nobody knows it yet, even
 * if the database's clock is late by a period.
 */
export function roundAfter({ genesisTime, period }: BeaconChain, micros: number): number {
  return Math.max(1, Math.floor((micros / 1_000_000 - genesisTime) / period) + 3);
}

/** When a round is due, in microseconds since 1970. */
export const roundDue = ({ genesisTime, period }: BeaconChain, round: number): number =>
  (genesisTime + (round - 1) * period) * 1_000_000;

/** The round of a chain with a signature; undefined: the chain's key has not signed it. 23 ms. */
export function verifyRound({ publicKey }: BeaconChain, round: number, signature: string): BeaconRound | undefined {
  if (!SIGNATURE.test(signature) || !Number.isSafeInteger(round) || round < 1) return undefined;
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(round));
  const bytes = Buffer.from(signature, 'hex');
  try {
    const message = bls.shortSignatures.hash(hash('sha256', number, 'buffer'), DOMAIN);
    if (!bls.shortSignatures.verify(bytes, message, Buffer.from(publicKey, 'hex'))) return undefined;
  } catch {
    // No point of the curve.
    return undefined;
  }
  return { round, signature, randomness: hash('sha256', bytes, 'hex') };
}

/** Reads rounds of one chain from several servers, none of which is trusted. */
export class Beacon {
  readonly chain: BeaconChain;
  readonly #urls: readonly string[];
  /** The index of the server that is asked first: the last one that answered. */
  #first = 0;
  /** Questions that are under way, by their round: concurrent callers share them. */
  readonly #asking = new Map<number, Promise<BeaconRound | undefined>>();

  constructor(chain: BeaconChain, urls: readonly string[]) {
    this.chain = chain;
    this.#urls = urls;
  }

  /** A round, as soon as a server has it; undefined: none had it within `waitMs`. */
  async round(round: number, waitMs: number): Promise<BeaconRound | undefined> {
    const until = performance.now() + waitMs;
    for (;;) {
      const left = until - performance.now();
      if (left <= 0) return undefined;
      const found = await Promise.race([this.#ask(round), sleep(left, undefined, { ref: false })]);
      if (found !== undefined) return found;
      await sleep(Math.min(PAUSE_MS, Math.max(0, until - performance.now())));
    }
  }

  #ask(round: number): Promise<BeaconRound | undefined> {
    let asking = this.#asking.get(round);
    if (asking === undefined) {
      asking = this.#askAll(round).finally(() => this.#asking.delete(round));
      this.#asking.set(round, asking);
    }
    return asking;
  }

  async #askAll(round: number): Promise<BeaconRound | undefined> {
    const first = this.#first;
    for (let i = 0; i < this.#urls.length; i++) {
      const index = (first + i) % this.#urls.length;
      const found = await this.#askOne(this.#urls[index]!, round);
      if (found === undefined) continue;
      this.#first = index;
      return found;
    }
    // The next question starts with another server: the first one may be silent.
    this.#first = (first + 1) % this.#urls.length;
    return undefined;
  }

  async #askOne(url: string, round: number): Promise<BeaconRound | undefined> {
    try {
      const response = await fetch(`${url}/${this.chain.hash}/public/${round}`, {
        redirect: 'error',
        signal: AbortSignal.timeout(TRY_MS),
      });
      const text = response.ok ? await bounded(response) : undefined;
      if (text === undefined) {
        await response.body?.cancel().catch(() => undefined);
        return undefined;
      }
      const answer = JSON.parse(text) as { readonly signature?: unknown } | null;
      return verifyRound(this.chain, round, String(answer?.signature));
    } catch {
      // Not reachable, too slow, or no JSON: the next server may do better.
      return undefined;
    }
  }
}

/** The body of an answer; undefined: it is longer than a round. */
async function bounded({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > BODY_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
