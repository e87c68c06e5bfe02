import { PlayerCreated } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import { PlayerCreatedV2 } from '../../../gen/ts/windfall/facts/v1/player.ts';
import { openStream, seedStream, streamId } from '../../fairness/index.ts';
import { defineFact, type Command, type Fact, type FactMetadata, type Rows } from '../../journal/index.ts';
import { ApiError } from '../../kernel/index.ts';
import { guard } from '../guard.ts';
import { player, playerCode } from '../player.ts';

const named = { name: 'player.created', number: 101, aggregate: player, players: (_: unknown, id: number) => [id] };

export const playerCreated = defineFact<PlayerCreatedV2>({
  ...named,
  version: 2,
  codec: PlayerCreatedV2,
  evolve(data, rows, at) {
    const row = fill(data, rows, at);
    row.timeZone = data.timeZone;
    row.publicHash = data.publicHash;
    rows.create(guard, at.aggregate);
    const stream = rows.create(seedStream, streamId('player', at.aggregate));
    openStream(stream, data.streamName, data.keyId, at.time, data.clientSeed);
  },
});

/** Players from before they had a time zone, a public hash and a client seed to start with. */
export const playerCreatedV1 = defineFact<PlayerCreated>({
  ...named,
  version: 1,
  codec: PlayerCreated,
  evolve(data, rows, at) {
    fill(data, rows, at);
    openStream(rows.edit(seedStream, streamId('player', at.aggregate)), data.streamName, data.keyId, at.time);
  },
});

function fill(data: PlayerCreated | PlayerCreatedV2, rows: Rows, at: FactMetadata) {
  const row = rows.edit(player, at.aggregate);
  row.code = playerCode(Number(data.brandId), data.userId);
  row.brandId = Number(data.brandId);
  row.userId = data.userId;
  row.country = data.country;
  row.currency = data.currency;
  row.vipLevel = Number(data.vipLevel);
  row.createdAt = at.time;
  return row;
}

export interface NewPlayer {
  /** A new row number. */
  readonly id: number;
  readonly brandId: number;
  readonly userId: string;
  readonly country: string;
  readonly currency: string;
  readonly vipLevel: number;
  readonly timeZone: string;
  readonly streamName: string;
  readonly keyId: string;
  /** The client seed that the player starts with. */
  readonly clientSeed: string;
  /** 32 hex digits. */
  readonly publicHash: string;
}

/** The fact that creates a player. */
export function createdFact({ id, ...profile }: NewPlayer): Fact<PlayerCreatedV2> {
  const data = { ...profile, brandId: BigInt(profile.brandId), vipLevel: BigInt(profile.vipLevel) };
  return { kind: playerCreated, id, data, transfers: [], creates: true };
}

/** Creates a player with a stream of seeds. Throws ALREADY_EXISTS if the user id exists. */
export const createPlayer: Command<NewPlayer, number> = {
  name: 'player.create',
  needs({ brandId, userId }, rows) {
    rows.find(player, playerCode(brandId, userId));
  },
  decide(profile, snapshot) {
    const { brandId, userId } = profile;
    if (snapshot.find(player, playerCode(brandId, userId)) !== undefined) {
      throw new ApiError('ALREADY_EXISTS', 'the user id is taken', { details: { field: 'user_id', id: userId } });
    }
    return [createdFact(profile)];
  },
  answer: ({ facts }) => facts[0]!.id,
};
