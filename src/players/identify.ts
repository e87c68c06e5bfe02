import { chain, invalid, ApiError, type Caller } from '../kernel/index.ts';
import type { Directory } from '../tenants/index.ts';
import type { KnownPlayer, PlayerName, Players } from './directory.ts';

/** How requests name a player. */
export interface PlayerSelector {
  readonly userId: string;
  /** The name or the number of a brand; empty: the only one of the credential or operator. */
  readonly brandId: string;
}

/** The player that a request names. */
export interface PlayerRef extends KnownPlayer {
  readonly brandId: number;
}

/** Finds the player that a request names. */
export class Identify {
  readonly #tenants: Directory;
  readonly #players: Players;

  constructor(tenants: Directory, players: Players) {
    this.#tenants = tenants;
    this.#players = players;
  }

  /**
   * The name of the player; no promise if it is cached. Throws PERMISSION_DENIED (a player names another player),
   * INVALID_ARGUMENT (no player is named), BRAND_NOT_FOUND.
   */
  name({ userId, brandId }: PlayerSelector, caller: Caller): PlayerName | Promise<PlayerName> {
    const { operator, role } = caller;
    if (role === 'player') return this.#own(userId, brandId, caller);
    if (userId === '') throw invalid('user_id', 'must name a player');
    return chain(this.#tenants.of(operator), (tenant) => ({
      operator,
      brandId: tenant.brand(caller, brandId),
      userId,
    }));
  }

  /** The player of the token. Throws PERMISSION_DENIED. */
  #own(
    userId: string,
    brandId: string,
    { operator, role, brand, userId: own }: Caller,
  ): PlayerName | Promise<PlayerName> {
    const name = { operator, brandId: brand!, userId: own! };
    const other = (): ApiError =>
      new ApiError('PERMISSION_DENIED', 'a player may act only for their own account', { details: { role } });
    if (userId !== '' && userId !== own) throw other();
    if (brandId === '') return name;
    return chain(this.#tenants.of(operator), (tenant) => {
      if (tenant.brandNo(brandId) !== brand) throw other();
      return name;
    });
  }

  /** The player of a write, created if unknown. Throws PLAYER_NOT_FOUND if the operator has disabled that. */
  ensure(request: PlayerSelector, caller: Caller): PlayerRef | Promise<PlayerRef> {
    return this.#numbered(request, caller, async (name) => {
      const { createPlayers } = await this.#tenants.of(caller.operator);
      return createPlayers ? this.#players.ensure(name, caller) : this.#players.require(name);
    });
  }

  /** The player of a read. Throws PLAYER_NOT_FOUND. */
  find(request: PlayerSelector, caller: Caller): PlayerRef | Promise<PlayerRef> {
    return this.#numbered(request, caller, (name) => this.#players.require(name));
  }

  /** Returns no promise if everything is cached, as it is for nearly every call. */
  #numbered(
    request: PlayerSelector,
    caller: Caller,
    ask: (name: PlayerName) => Promise<KnownPlayer>,
  ): PlayerRef | Promise<PlayerRef> {
    return chain(this.name(request, caller), (name) =>
      chain(this.#players.known(name) ?? ask(name), (known) => ({ ...known, brandId: name.brandId })),
    );
  }
}
