import { LootboxOpened } from '../../../../gen/ts/windfall/facts/v1/facts.ts';
import { LootboxServiceService, type OpenLootboxResponse } from '../../../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { lookAt, requireActive } from '../../../catalogue/index.ts';
import {
  nextSeed,
  seedStream,
  serverSeed,
  serverSeedHash,
  streamId,
  useSeed,
  type MasterKeys,
  type NextSeed,
} from '../../../fairness/index.ts';
import {
  account,
  accountId,
  defineFact,
  outOfRange,
  type Command,
  type Snapshot,
  type RowRequests,
} from '../../../journal/index.ts';
import { formatDecimal, MICROS_MAX, ApiError, toNumber } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { lootboxes } from '../definition.ts';
import { openLootboxes, openTransfers, type Lootbox, type OpenResult } from '../rules.ts';

/** A player has opened a lootbox. Its transfers are the price and the rewards. */
export const lootboxOpened = defineFact<LootboxOpened>({
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

export interface OpenRequest {
  readonly lootbox: Lootbox;
  readonly player: number;
  readonly count: number;
  /** Empty: the one that the player has set. */
  readonly clientSeed: string;
  readonly expectedSeedHash: string;
  readonly expectedConfigHash: string;
}

/** The outcome of an open, with the seed that it reveals and the hash of the next one. */
export interface OpenAnswer {
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly opened: LootboxOpened;
  readonly serverSeed: string;
  readonly serverSeedHash: string;
  readonly nextServerSeedHash: string;
  readonly replayed: boolean;
}

/** Opens a lootbox `count` times: price, draws under the player's next seed, rewards. */
export function opening(keys: MasterKeys): Command<OpenRequest, OpenAnswer> {
  return {
    name: 'lootbox.open',
    needs,
    active: ({ player }) => player,
    decide(request, snapshot) {
      const { lootbox, player, count } = request;
      requireCurrent(request, snapshot);
      const seed = nextSeed(snapshot, streamId('player', player));
      const secret = serverSeed(keys.key(seed.keyId), seed.name, seed.position);
      requireExpected(request, secret);
      requireRoom(request, snapshot);
      const client = clientSeedOf(request, snapshot);
      const opens = openLootboxes(
        lootbox,
        { serverSeed: secret, clientSeed: client.clientSeed, nonce: seed.position },
        count,
      );
      const data = factOf(request, seed, client, opens);
      return [{ kind: lootboxOpened, id: seed.id, data, transfers: openTransfers(lootbox, player, opens) }];
    },
    answer({ id, time, facts }, replayed) {
      const opened = facts[0]!.data as LootboxOpened;
      const { keyId, streamName, position } = opened.draw!;
      const seedAt = (n: number): string => serverSeed(keys.key(keyId), streamName, n);
      const secret = seedAt(Number(position));
      return {
        operationId: id,
        time,
        opened,
        replayed,
        serverSeed: secret,
        serverSeedHash: serverSeedHash(secret),
        nextServerSeedHash: serverSeedHash(seedAt(Number(position) + 1)),
      };
    },
  };
}

/** All accounts that any prize could change. If only winners needed a row, contention would redraw only winners. */
function needs({ lootbox, player }: OpenRequest, rows: RowRequests): void {
  lookAt(lootbox, rows);
  rows.lock(seedStream, streamId('player', player));
  for (const asset of lootbox.most.keys()) rows.lock(account, accountId('player', player, asset));
  if (lootbox.price !== null) rows.lock(account, accountId('player', player, lootbox.price.asset));
}

function requireCurrent({ lootbox, expectedConfigHash }: OpenRequest, snapshot: Snapshot): void {
  requireActive(lootboxes, lootbox, snapshot);
  const { configHash } = lootbox.table;
  if (expectedConfigHash !== '' && expectedConfigHash !== configHash) {
    throw new ApiError('CONFIG_HASH_MISMATCH', 'the lootbox has another definition', {
      details: { config_hash: configHash },
    });
  }
}

function requireExpected({ expectedSeedHash }: OpenRequest, secret: string): void {
  if (expectedSeedHash === '') return;
  const next = serverSeedHash(secret);
  if (expectedSeedHash !== next) {
    throw new ApiError('SEED_HASH_MISMATCH', 'another server seed is next', { details: { server_seed_hash: next } });
  }
}

/** Throws BALANCE_OUT_OF_RANGE before the draw if any prize might not fit: no error may depend on the outcome. */
function requireRoom({ lootbox, player, count }: OpenRequest, snapshot: Snapshot): void {
  for (const [asset, most] of lootbox.most) {
    const id = accountId('player', player, asset);
    if (snapshot.row(account, id).balance + most * BigInt(count) > MICROS_MAX) {
      throw outOfRange(id, () => [...lootbox.assets].find(([, number]) => number === asset)![0]);
    }
  }
}

const origin = { none: 0, request: 1, player: 2 };

function clientSeedOf({ clientSeed, player }: OpenRequest, snapshot: Snapshot) {
  if (clientSeed !== '') return { clientSeed, clientSeedOrigin: origin.request };
  const own = snapshot.row(seedStream, streamId('player', player)).clientSeed;
  return { clientSeed: own, clientSeedOrigin: own === '' ? origin.none : origin.player };
}

function factOf(
  { lootbox, player }: OpenRequest,
  seed: NextSeed,
  client: ReturnType<typeof clientSeedOf>,
  opens: readonly OpenResult[],
): LootboxOpened {
  const { price } = lootbox;
  return {
    lootbox: BigInt(lootbox.definitionId),
    version: BigInt(lootbox.version),
    versionId: BigInt(lootbox.versionId),
    player: BigInt(player),
    priceAsset: BigInt(price?.asset ?? 0),
    price: price === null ? 0n : price.amount * BigInt(opens.length),
    draw: {
      stream: BigInt(seed.id),
      streamName: seed.name,
      keyId: seed.keyId,
      position: BigInt(seed.position),
      ...client,
      readableSince: BigInt(seed.readableSince),
      configHash: lootbox.configHash,
    },
    opens: opens.map(({ rolls, words, rewards }) => ({
      rolls,
      words,
      rewards: rewards.map(({ label, asset, amount }) => ({
        label,
        // A blank has no asset, and the amount 0.
        asset: BigInt(lootbox.assets.get(asset) ?? 0),
        amount,
      })),
    })),
  };
}

/** Opens a lootbox for a player; the same request again returns the first answer. */
export const openLootbox = write({
  method: LootboxServiceService.openLootbox,
  command: ({ keys }) => opening(keys),
  player: (request) => request,
  definition: lootboxes,
  prepare: ({ count, clientSeed, expectedSeedHash, expectedConfigHash }, { who: { player }, definition: lootbox }) => ({
    route: player,
    request: { lootbox, player, clientSeed, expectedSeedHash, expectedConfigHash, count: count || 1 },
  }),
  respond: (answer, { platform: { tenants }, caller }) =>
    openedMessage(answer, (asset) => tenants.assetCode(caller.operator, asset)),
});

function openedMessage(
  { operationId, time, opened, replayed, ...seeds }: OpenAnswer,
  assetCode: (asset: number) => string,
): OpenLootboxResponse {
  const draw = opened.draw!;
  const opens = opened.opens.map(({ rewards }, sub) => {
    const won = rewards.map(({ label, asset, amount }) => {
      const credited = amount > 0n;
      return {
        segmentLabel: label,
        kind: credited ? 'asset' : 'nothing',
        asset: credited ? assetCode(Number(asset)) : undefined,
        amount: credited ? toNumber(amount) : undefined,
      };
    });
    return { sub, reward: won[0], rewards: won };
  });
  return {
    ...seeds,
    opens,
    openId: operationId,
    reward: opens[0]!.reward,
    rewards: opens[0]!.rewards,
    clientSeed: draw.clientSeed,
    nonce: draw.position,
    configHash: Buffer.from(draw.configHash).toString('hex'),
    lootboxVersion: Number(opened.version),
    pricePaid:
      opened.price === 0n
        ? undefined
        : { asset: assetCode(Number(opened.priceAsset)), amount: formatDecimal(opened.price) },
    openTime: new Date(time / 1000),
    deduped: replayed,
  };
}
