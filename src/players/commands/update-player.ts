import { PlayerUpdated } from '../../../gen/ts/windfall/facts/v1/player.ts';
import { defineFact, type Command } from '../../journal/index.ts';
import { player } from '../player.ts';

export const playerUpdated = defineFact<PlayerUpdated>({
  name: 'player.updated',
  number: 102,
  version: 1,
  aggregate: player,
  codec: PlayerUpdated,
  players: (_, id) => [id],
  evolve(data, rows, at) {
    const row = rows.edit(player, at.aggregate);
    row.country = data.country;
    row.currency = data.currency;
    row.vipLevel = Number(data.vipLevel);
    row.timeZone = data.timeZone;
  },
});

/** The attributes to change; undefined: they stay. */
export interface PlayerChange {
  readonly id: number;
  readonly country: string | undefined;
  readonly currency: string | undefined;
  readonly vipLevel: number | undefined;
  readonly timeZone: string | undefined;
}

/** Changes a player's attributes. Answers with the player's number and all attributes. */
export const updatePlayer: Command<PlayerChange, { readonly id: number; readonly data: PlayerUpdated }> = {
  name: 'player.update',
  needs: ({ id }, rows) => rows.lock(player, id),
  decide({ id, ...change }, snapshot) {
    const row = snapshot.row(player, id);
    const data: PlayerUpdated = {
      country: change.country ?? row.country,
      currency: change.currency ?? row.currency,
      vipLevel: BigInt(change.vipLevel ?? row.vipLevel),
      timeZone: change.timeZone ?? row.timeZone,
    };
    return [{ kind: playerUpdated, id, data, transfers: [] }];
  },
  answer: ({ facts }) => ({ id: facts[0]!.id, data: facts[0]!.data as PlayerUpdated }),
};
