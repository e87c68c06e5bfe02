import { LootboxDefinition, LootboxOpened, type LootboxPrize } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type { PlayTable, TablePlayed, TablePrize } from '../../../gen/ts/windfall/facts/v1/prizes.ts';
import {
  firstPersonalUse,
  seedStream,
  serverSeed,
  serverSeedHash,
  useSeed,
  type MasterKeys,
} from '../../fairness/index.ts';
import { defineFact, type Fact } from '../../journal/index.ts';
import type { FirstPlays, Played } from '../../prizes/index.ts';
import { rewardKind } from '../../rewards/index.ts';

/** A definition of format 1, in which all prizes were amounts or blanks. */
export function readFirstFormat(bytes: Uint8Array): PlayTable {
  const { prizes, guaranteed, ...rest } = LootboxDefinition.decode(bytes);
  return {
    ...rest,
    freeAsset: '',
    prizes: prizes.map(prizeOf),
    guaranteed: guaranteed.map(prizeOf),
    limits: [],
    startAt: 0n,
    endAt: 0n,
    stockRow: 0n,
  };
}

const prizeOf = ({ label, asset, amount, weight }: LootboxPrize): TablePrize => ({
  label,
  weight,
  reward:
    asset === ''
      ? undefined
      : { kind: rewardKind.asset, asset, amount, item: '', quantity: 0n, expiresAfterSeconds: 0n },
  stock: undefined,
  fallback: '',
});

/** A player has opened a lootbox, as facts said it before prizes had kinds and stock. */
export const firstLootboxOpened = defineFact<LootboxOpened>({
  name: 'lootbox.opened',
  number: 1001,
  version: 1,
  aggregate: seedStream,
  codec: LootboxOpened,
  players: ({ player }) => [Number(player)],
  evolve(_, rows, at) {
    useSeed(rows.edit(seedStream, at.aggregate), at);
  },
});

/** The same open as facts say it now. */
const playedOf = ({ lootbox, opens, ...rest }: LootboxOpened): TablePlayed => ({
  ...rest,
  draw: undefined,
  definition: lootbox,
  freePlays: 0n,
  plays: opens.map(({ rolls, words, rewards }) => ({
    rolls,
    words,
    shown: [],
    rewards: rewards.map((reward) => ({
      ...reward,
      kind: reward.amount > 0n ? rewardKind.asset : 0,
      item: '',
      quantity: 0n,
      soldOut: '',
    })),
  })),
  stockRow: 0n,
  taken: [],
  counted: undefined,
  granted: [],
  stockWon: [],
});

/** The plays and the seed, for a proof. */
export const firstPlaysToProve = (data: LootboxOpened): FirstPlays => ({
  ...playedOf(data),
  use: firstPersonalUse(data.draw!),
});

/** The plays and their seeds, for the answer to a repeated call. */
export function readFirstOpened({ data }: Fact<LootboxOpened>, keys: MasterKeys): Played {
  const { keyId, streamName, position, clientSeed, configHash } = data.draw!;
  const seedAt = (n: number): string => serverSeed(keys.key(keyId), streamName, n);
  const secret = seedAt(Number(position));
  return {
    played: playedOf(data),
    seeds: {
      clientSeed,
      serverSeed: secret,
      serverSeedHash: serverSeedHash(secret),
      nextServerSeedHash: serverSeedHash(seedAt(Number(position) + 1)),
      nonce: position,
      configHash: Buffer.from(configHash).toString('hex'),
    },
  };
}
