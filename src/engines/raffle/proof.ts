import type { RaffleDefinition, RaffleDrawn } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import { findVersion, idOfCode } from '../../catalogue/index.ts';
import {
  ALGORITHM_2,
  bindRaffle,
  proofOf,
  raffleText,
  type ClientSeed,
  type Drawn,
  type DrawKind,
  type RecordPlace,
} from '../../fairness/index.ts';
import type { Platform } from '../../platform/index.ts';
import { itemOf } from '../../rewards/index.ts';
import { entriesFrom } from '../../tickets/index.ts';
import { raffles } from './definition.ts';
import { firstRaffleDrawn, prizeOf, raffleDrawn, termsOf } from './draw.ts';

/** How many entries a proof holds at most; a larger pool's are listed apart. */
const ENTRIES_MAX = 1000;

/** How FairnessService proves raffles' draws. Those from before draws had records have no proof. */
export function raffleDraws({ reads, keys }: Platform): DrawKind<RaffleDrawn>[] {
  return [
    {
      kind: raffleDrawn,
      async prove(operator, pool, data, place) {
        const { head, version } = (await findVersion(reads, operator, Number(data.versionId)))!;
        const definition = { engine: raffles.engine, id: idOfCode(head.code), version: version.version };
        const entries = await entriesFrom(reads, operator, pool, 0, ENTRIES_MAX + 1);
        const { config } = boundOf(data, raffles.read(version.format, version.content));
        const proof = proofOf(keys, place, drawnRaffle(data, definition, place), config);
        return {
          definitionId: definition.id,
          definitionVersion: definition.version,
          proofs: [],
          records: [{ ...proof, entries: entries.length > ENTRIES_MAX ? [] : entries }],
        };
      },
    },
    { kind: firstRaffleDrawn, prove: async () => undefined },
  ];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const boundOf = ({ poolHash, tickets, prizes, onePerPlayer }: RaffleDrawn, content: RaffleDefinition) =>
  bindRaffle({
    onePerPlayer,
    poolHash: hex(poolHash),
    totalTickets: Number(tickets),
    winners: prizes,
    terms: termsOf(content),
  });

/** The draw of a fact, for its record. */
export function drawnRaffle(
  data: RaffleDrawn,
  definition: Drawn['definition'],
  { time }: Pick<RecordPlace, 'time'>,
): Drawn {
  const { streamName, keyId, position, readableSince, beaconChain, beaconRound, beaconSignature, source, words } = data;
  return {
    recipe: 'raffle',
    definition,
    player: '',
    use: {
      algorithm: ALGORITHM_2,
      streamName,
      keyId,
      position: Number(position),
      nonce: 0,
      clientSeeds: [seedOf(data)],
      readableSince: Number(readableSince),
    },
    configHash: hex(data.configHash),
    outcome: raffleText({
      source,
      words,
      closeTime: Number(data.closedAt),
      beacon:
        beaconChain === '' ? null : { chainHash: beaconChain, round: Number(beaconRound), signature: beaconSignature },
      winners: data.winners.map(({ ticket, playerHash, reward, withheld }) => ({
        withheld,
        ticket: Number(ticket),
        playerHash: hex(playerHash),
        prize: prizeOf(reward!),
      })),
      grants: data.granted.map(({ grant, expiresAt, ...granted }) => {
        const expiresAfterSeconds = expiresAt === 0n ? 0n : (expiresAt - BigInt(time)) / 1_000_000n;
        return { id: grant, ...itemOf({ ...granted, expiresAfterSeconds }) };
      }),
    }),
  };
}

const seedOf = ({ seed, entropy }: RaffleDrawn): ClientSeed => ({
  seed,
  origin: seed === '' ? 'none' : entropy === 'beacon' ? 'beacon' : 'caller',
});
