import type { Draw } from '../../gen/windfall/facts/v1/facts.ts';
import type { Proof as ProofMessage } from '../../gen/windfall/fairness/v1/fairness.ts';
import type { DrawKind } from './draws.ts';
import { ALGORITHM, type ClientSeedOrigin, type Proof } from './proof.ts';
import { serverSeedHash } from './seeds.ts';

const ORIGINS: readonly ClientSeedOrigin[] = ['none', 'request', 'player'];

/** A draw's proof as it looks outside. */
export function proofMessage(
  draw: Draw, serverSeed: string, config: string, { recipe, opens }: ReturnType<DrawKind['recipe']>,
): ProofMessage {
  return {
    algorithm: ALGORITHM,
    recipe,
    stream: draw.streamName,
    position: draw.position,
    nonce: draw.position,
    clientSeed: draw.clientSeed,
    clientSeedOrigin: ORIGINS[draw.clientSeedOrigin]!,
    serverSeed,
    serverSeedHash: serverSeedHash(serverSeed),
    seedReadableSince: new Date(Number(draw.readableSince) / 1000).toISOString(),
    config,
    configHash: Buffer.from(draw.configHash).toString('hex'),
    opens: opens.map(({ sub, rolls, words_consumed }) => ({ sub, rolls: [...rolls], wordsConsumed: words_consumed })),
  };
}

/** A proof from outside, which may hold anything: `verifyProof` checks what it needs. */
export function proofOf(message: ProofMessage): Proof {
  return {
    algorithm: message.algorithm,
    recipe: message.recipe as 'table',
    stream: message.stream,
    position: Number(message.position),
    nonce: Number(message.nonce),
    client_seed: message.clientSeed,
    client_seed_origin: message.clientSeedOrigin as ClientSeedOrigin,
    server_seed: message.serverSeed,
    server_seed_hash: message.serverSeedHash,
    seed_readable_since: message.seedReadableSince,
    config: message.config,
    config_hash: message.configHash,
    opens: message.opens.map(({ sub, rolls, wordsConsumed }) => ({ sub, rolls, words_consumed: wordsConsumed })),
  };
}
