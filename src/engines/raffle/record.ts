import type { RaffleDefinition, RaffleDrawn } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import type { StoredReward } from '../../../gen/ts/windfall/facts/v1/reward.ts';
import {
  ALGORITHM_2,
  raffleText,
  type ClientSeed,
  type Drawn,
  type RafflePrize,
  type RaffleTerms,
  type RecordPlace,
} from '../../fairness/index.ts';
import { itemOf, rewardKind } from '../../rewards/index.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What a raffle's content binds its draw to. */
export const termsOf = ({ entropy, prizes }: RaffleDefinition): RaffleTerms => ({
  entropy: entropy as RaffleTerms['entropy'],
  prizes: prizes.map(({ reward, winners }) => ({ ...prizeOf(reward!), winners })),
});

/** What a winner gets, as configs and records say it. */
export const prizeOf = (reward: StoredReward): Omit<RafflePrize, 'winners'> =>
  reward.kind === rewardKind.asset
    ? { asset: reward.asset, amount: reward.amount }
    : { asset: '', amount: 0n, item: itemOf(reward) };

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
