import type { Proof as ProofMessage } from '../../../gen/ts/windfall/fairness/v1/fairness.ts';
import type { ClientSeed, ClientSeedOrigin, Proof } from '../../fairness/index.ts';

/** The message of a proof. */
export function proofMessage(proof: Proof): ProofMessage {
  return {
    algorithm: proof.algorithm,
    recipe: proof.recipe,
    stream: proof.stream,
    position: BigInt(proof.position),
    nonce: BigInt(proof.nonce),
    clientSeed: proof.client_seed ?? '',
    clientSeedOrigin: proof.client_seed_origin ?? '',
    clientSeeds: (proof.client_seeds ?? []).map(({ seed, origin }) => ({ seed, origin })),
    serverSeed: proof.server_seed,
    serverSeedHash: proof.server_seed_hash,
    seedReadableSince: proof.seed_readable_since,
    config: proof.config,
    configHash: proof.config_hash,
    opens:
      proof.recipe !== 'table'
        ? []
        : proof.opens.map(({ sub, rolls, words_consumed }) => ({
            sub,
            rolls: [...rolls],
            wordsConsumed: words_consumed,
          })),
    hitRate:
      proof.recipe !== 'hit_rate'
        ? undefined
        : { pots: proof.hit_rate.pots.map((pot) => ({ ...pot })), wordsConsumed: proof.hit_rate.words_consumed },
    trigger: proof.recipe !== 'trigger' ? undefined : { ...proof.trigger, wordsConsumed: proof.trigger.words_consumed },
  };
}

/** A proof from outside, which may contain anything: `verifyProof` checks what it needs. */
export function proofOf(message: ProofMessage): Proof {
  const { hitRate, trigger } = message;
  return {
    algorithm: message.algorithm,
    recipe: message.recipe,
    stream: message.stream,
    position: Number(message.position),
    nonce: Number(message.nonce),
    client_seed: message.clientSeed,
    client_seed_origin: message.clientSeedOrigin as ClientSeedOrigin,
    client_seeds: message.clientSeeds as ClientSeed[],
    server_seed: message.serverSeed,
    server_seed_hash: message.serverSeedHash,
    seed_readable_since: message.seedReadableSince,
    config: message.config,
    config_hash: message.configHash,
    opens: message.opens.map(({ sub, rolls, wordsConsumed }) => ({ sub, rolls, words_consumed: wordsConsumed })),
    hit_rate: hitRate === undefined ? undefined : { pots: hitRate.pots, words_consumed: hitRate.wordsConsumed },
    trigger:
      trigger === undefined
        ? undefined
        : { value: trigger.value, before: trigger.before, after: trigger.after, words_consumed: trigger.wordsConsumed },
  } as unknown as Proof;
}
