import type { PlayerCreatedV2 } from '../../../gen/ts/windfall/facts/v1/player.ts';
import type { Command, Fact } from '../../journal/index.ts';
import { player, playerCode } from '../player.ts';
import { createdFact, type NewPlayer } from './create-player.ts';

/** Creates the players that do not exist yet, and returns their numbers. Each is named once. */
export const createPlayers: Command<readonly NewPlayer[], ReadonlySet<number>> = {
  name: 'player.create-many',
  needs(players, rows) {
    for (const { brandId, userId } of players) rows.find(player, playerCode(brandId, userId));
  },
  decide: (players, snapshot): Fact<PlayerCreatedV2>[] =>
    players
      .filter(({ brandId, userId }) => snapshot.find(player, playerCode(brandId, userId)) === undefined)
      .map(createdFact),
  answer: ({ facts }) => new Set(facts.map(({ id }) => id)),
};
