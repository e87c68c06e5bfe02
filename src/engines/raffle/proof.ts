import type { RaffleDrawn } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import { findVersion, idOfCode } from '../../catalogue/index.ts';
import { ALGORITHM_2, proofHead, type ClientSeed, type DrawKind, type RaffleProof } from '../../fairness/index.ts';
import type { Platform } from '../../platform/index.ts';
import { entriesFrom } from '../../tickets/index.ts';
import { raffleDrawn } from './draw.ts';
import { boundDraw } from './operations/draw-raffle.ts';

/** How many entries a proof holds at most; a larger pool's are listed apart. */
const ENTRIES_MAX = 1000;

/** How FairnessService proves raffles' draws. */
export function raffleDraws({ reads, keys }: Platform): DrawKind<RaffleDrawn>[] {
  return [
    {
      kind: raffleDrawn,
      async prove(operator, pool, data) {
        const { head } = (await findVersion(reads, operator, Number(data.versionId)))!;
        const entries = await entriesFrom(reads, operator, pool, 0, ENTRIES_MAX + 1);
        const use = {
          algorithm: ALGORITHM_2,
          streamName: data.streamName,
          keyId: data.keyId,
          position: Number(data.position),
          nonce: 0,
          clientSeeds: [seedOf(data)],
          readableSince: Number(data.readableSince),
        } as const;
        const proof: RaffleProof = {
          ...proofHead(keys, use, boundDraw(data)),
          recipe: 'raffle',
          raffle: drawOf(data, entries.length > ENTRIES_MAX ? [] : entries),
        };
        return { definitionId: idOfCode(head.code), definitionVersion: Number(data.version), proofs: [proof] };
      },
    },
  ];
}

const seedOf = ({ seed, entropy }: RaffleDrawn): ClientSeed => ({
  seed,
  origin: seed === '' ? 'none' : entropy === 'beacon' ? 'beacon' : 'caller',
});

function drawOf(
  { winners, words, source, beaconChain, beaconRound, beaconSignature }: RaffleDrawn,
  entries: readonly { readonly firstTicket: number; readonly count: number; readonly playerHash: string }[],
): RaffleProof['raffle'] {
  return {
    entries: entries.map(({ firstTicket, count, playerHash }) => ({
      count,
      first_ticket: firstTicket,
      player_hash: playerHash,
    })),
    winners: winners.map(({ ticket, playerHash }) => ({
      ticket: Number(ticket),
      player_hash: Buffer.from(playerHash).toString('hex'),
    })),
    words_consumed: words,
    ...(source === '' ? {} : { source }),
    ...(beaconChain === ''
      ? {}
      : { beacon: { chain_hash: beaconChain, round: Number(beaconRound), signature: beaconSignature } }),
  };
}
