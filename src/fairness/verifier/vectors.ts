import { Dice, hmac, sha256, wordsOf } from './dice.ts';
import { jcs, type Json } from './json.ts';
import { poolHashes } from './raffle.ts';
import { differences, verify } from './verify.ts';

const fixed = (words: string[]): Dice => new Dice(words.map((word) => BigInt(`0x${word}`)).values());

/** The vectors of each kind: computes the expected fields from the given ones. */
const vectorChecks: Record<string, (vector: Json) => Json> = {
  hmac: ({ key, message }) => ({ digest: hmac(key, message).toString('hex') }),
  seeds: ({ master_key: key, stream, position }) => {
    const seed = hmac(key, `windfall/seed/v1|${stream}|${position}`).toString('hex');
    return { server_seed: seed, server_seed_hash: sha256(seed) };
  },
  words: (vector) => {
    const words = wordsOf(vector, vector.sub);
    return { words: vector.words.map(() => (words.next().value as bigint).toString(16).padStart(16, '0')) };
  },
  uniform: ({ words, n }) => {
    const dice = fixed(words);
    return { outcome: String(dice.uniform(BigInt(n))), words_consumed: dice.taken };
  },
  weighted: ({ words, weights }) => ({ outcome: fixed(words).weighted(weights) }),
  chance: ({ words, p, q }) => ({ outcome: fixed(words).uniform(q) < BigInt(p) }),
  configs: ({ value }) => ({ config: jcs(value), config_hash: sha256(jcs(value)) }),
  pools: ({ sales }) => {
    const entries = sales.map((sale: Json) => ({ ...sale, player_hash: sale.player_hash ?? sha256(sale.player_id) }));
    return { pool_hashes: poolHashes(entries) };
  },
  proofs: ({ proof }) => ({ failures: verify(proof) }),
  tampered: ({ proof, fails }) => {
    const named = verify(proof).find((failure) => /^(:|\.|\[)/.test(failure.replace(fails, '')));
    return { fails: named?.startsWith(fails) ? fails : 'not named' };
  },
};

/** Why a file of vectors is not valid; empty: it is. */
export function verifyVectors(vectors: Json): string[] {
  return Object.entries(vectorChecks).flatMap(([kind, compute]) => {
    if (!(vectors[kind]?.length > 0)) return [`${kind}: there are none`];
    return vectors[kind].flatMap((vector: Json, index: number) => {
      const computed = compute(vector);
      const given = Object.fromEntries(Object.keys(computed).map((key) => [key, vector[key]]));
      return differences({ [index]: given }, { [index]: computed }, kind);
    });
  });
}
