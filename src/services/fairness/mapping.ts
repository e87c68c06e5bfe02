import type {
  Proof as ProofMessage,
  RaffleDraw,
  RaffleEntry as EntryMessage,
  RecordProof as RecordMessage,
} from '../../../gen/ts/windfall/fairness/v1/fairness.ts';
import type {
  ClientSeedOrigin,
  Proof,
  ProvedRecord,
  RaffleEntry,
  RaffleProof,
  RecordProof,
} from '../../fairness/index.ts';

/** The message of a proof of windfall/2. */
export const recordMessage = ({ server_seed: serverSeed, entries, ...texts }: ProvedRecord): RecordMessage => ({
  ...texts,
  serverSeed,
  entries: (entries ?? []).map(({ firstTicket, count, playerHash }) => ({
    playerHash,
    firstTicket: BigInt(firstTicket),
    count: BigInt(count),
  })),
});

/** A proof of windfall/2 from outside. */
export const recordProofOf = ({ record, config, serverSeed, digest }: RecordMessage): RecordProof => ({
  record,
  config,
  digest,
  server_seed: serverSeed,
});

export const entryOf = ({ firstTicket, count, playerHash }: EntryMessage): RaffleEntry => ({
  playerHash,
  firstTicket: Number(firstTicket),
  count: Number(count),
});

/** The message of a proof. */
export function proofMessage(proof: Proof): ProofMessage {
  return {
    algorithm: proof.algorithm,
    recipe: proof.recipe,
    stream: proof.stream,
    position: BigInt(proof.position),
    nonce: BigInt(proof.nonce),
    clientSeed: proof.client_seed,
    clientSeedOrigin: proof.client_seed_origin,
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
    raffle: proof.recipe !== 'raffle' ? undefined : raffleMessage(proof),
    trigger: proof.recipe !== 'trigger' ? undefined : { ...proof.trigger, wordsConsumed: proof.trigger.words_consumed },
  };
}

/** A proof of windfall/1 from outside, which may contain anything: `verifyProof` checks what it needs. */
export function firstProofOf(message: ProofMessage): Proof {
  const { hitRate, trigger, raffle } = message;
  return {
    algorithm: message.algorithm,
    recipe: message.recipe,
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
    hit_rate: hitRate === undefined ? undefined : { pots: hitRate.pots, words_consumed: hitRate.wordsConsumed },
    raffle: raffle === undefined ? undefined : raffleOf(raffle),
    trigger:
      trigger === undefined
        ? undefined
        : { value: trigger.value, before: trigger.before, after: trigger.after, words_consumed: trigger.wordsConsumed },
  } as unknown as Proof;
}

function raffleMessage({ raffle }: RaffleProof): RaffleDraw {
  return {
    entries: raffle.entries.map(({ first_ticket, count, player_hash }) => ({
      firstTicket: BigInt(first_ticket),
      count: BigInt(count),
      playerHash: player_hash,
    })),
    winners: raffle.winners.map(({ ticket, player_hash }) => ({ ticket: BigInt(ticket), playerHash: player_hash })),
    wordsConsumed: raffle.words_consumed,
  };
}

function raffleOf({ entries, winners, wordsConsumed }: RaffleDraw): RaffleProof['raffle'] {
  return {
    entries: entries.map(({ firstTicket, count, playerHash }) => ({
      first_ticket: Number(firstTicket),
      count: Number(count),
      player_hash: playerHash,
    })),
    winners: winners.map(({ ticket, playerHash }) => ({ ticket: Number(ticket), player_hash: playerHash })),
    words_consumed: wordsConsumed,
  };
}
