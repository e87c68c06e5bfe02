import { PlayerCreated } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import { openStream, seedStream, streamId } from '../../fairness/index.ts';
import { defineFact, type Command } from '../../journal/index.ts';
import { ApiError } from '../../kernel/index.ts';
import { player, playerCode } from '../player.ts';

export const playerCreated = defineFact<PlayerCreated>({
  name: 'player.created',
  number: 101,
  version: 1,
  aggregate: player,
  codec: PlayerCreated,
  players: (_, id) => [id],
  evolve(data, rows, at) {
    const row = rows.edit(player, at.aggregate);
    row.code = playerCode(Number(data.brandId), data.userId);
    row.brandId = Number(data.brandId);
    row.userId = data.userId;
    row.country = data.country;
    row.currency = data.currency;
    row.vipLevel = Number(data.vipLevel);
    row.createdAt = at.time;
    openStream(rows.edit(seedStream, streamId('player', at.aggregate)), data.streamName, data.keyId, at.time);
  },
});

export interface NewPlayer {
  /** A new row number. */
  readonly id: number;
  readonly brandId: number;
  readonly userId: string;
  readonly country: string;
  readonly currency: string;
  readonly vipLevel: number;
  readonly streamName: string;
  readonly keyId: string;
}

/** Creates a player with a stream of seeds. Throws ALREADY_EXISTS if the user id exists. */
export const createPlayer: Command<NewPlayer, number> = {
  name: 'player.create',
  needs({ id, brandId, userId }, rows) {
    rows.find(player, playerCode(brandId, userId));
    rows.lock(player, id);
    rows.lock(seedStream, streamId('player', id));
  },
  decide({ id, ...profile }, snapshot) {
    const { brandId, userId } = profile;
    if (snapshot.find(player, playerCode(brandId, userId)) !== undefined) {
      throw new ApiError('ALREADY_EXISTS', 'the user id is taken', { details: { field: 'user_id', id: userId } });
    }
    const data = { ...profile, brandId: BigInt(brandId), vipLevel: BigInt(profile.vipLevel) };
    return [{ kind: playerCreated, id, data, transfers: [] }];
  },
  answer: ({ facts }) => facts[0]!.id,
};
