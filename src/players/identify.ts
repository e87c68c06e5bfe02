import { invalid, Refusal, type Caller } from '../kernel/index.ts';
import type { Directory } from '../tenants/index.ts';
import type { PlayerName, Players } from './directory.ts';

/** How requests name a player. */
export interface Named {
  readonly userId: string;
  /** 0: the credential's only brand. */
  readonly brandId: number;
}

/** Tells which player a request is about. */
export class Identify {
  readonly #tenants: Directory;
  readonly #players: Players;

  constructor(tenants: Directory, players: Players) {
    this.#tenants = tenants;
    this.#players = players;
  }

  /**
   * The name of the player. Refuses: PERMISSION_DENIED (a player names another), INVALID_ARGUMENT (nobody is named),
   * BRAND_NOT_FOUND.
   */
  async name({ userId, brandId }: Named, caller: Caller): Promise<PlayerName> {
    const { operator, role } = caller;
    if (role === 'player') {
      if ((userId !== '' && userId !== caller.userId) || (brandId !== 0 && brandId !== caller.brand)) {
        throw new Refusal('PERMISSION_DENIED', 'a player acts for himself alone', { details: { role } });
      }
      return { operator, brandId: caller.brand!, userId: caller.userId! };
    }
    if (userId === '') throw invalid('user_id', 'must name a player');
    const tenant = await this.#tenants.of(operator);
    return { operator, brandId: tenant.brand(caller, brandId), userId };
  }

  /** The player of a write, made if unknown; where the operator does not want that, refused: PLAYER_NOT_FOUND. */
  async ensure(request: Named, caller: Caller): Promise<{ brandId: number; player: number }> {
    const name = await this.name(request, caller);
    const { createPlayers } = await this.#tenants.of(caller.operator);
    if (!createPlayers) return { brandId: name.brandId, player: await this.#players.require(name) };
    return { brandId: name.brandId, player: await this.#players.ensure(name, caller) };
  }

  /** The player of a read. Refuses: PLAYER_NOT_FOUND. */
  async find(request: Named, caller: Caller): Promise<{ brandId: number; player: number }> {
    const name = await this.name(request, caller);
    return { brandId: name.brandId, player: await this.#players.require(name) };
  }
}
