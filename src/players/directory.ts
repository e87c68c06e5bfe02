import { LRUCache } from 'lru-cache';
import { randomBytes } from 'node:crypto';
import { newStream, type MasterKeys } from '../fairness/index.ts';
import { sql, type SqlBool } from 'kysely';
import type { Reads } from '../db/index.ts';
import { findRow, readRows, readRowsById, readText, type Journal } from '../journal/index.ts';
import { ApiError, type Caller, type OperatorNo } from '../kernel/index.ts';
import { createPlayer, type NewPlayer } from './commands/create-player.ts';
import { createPlayers } from './commands/create-players.ts';
import { player, playerCode, publicHashOf, type PlayerRow } from './player.ts';

/** How a player is identified from outside. */
export interface PlayerName {
  readonly operator: OperatorNo;
  readonly brandId: number;
  readonly userId: string;
}

/** What never changes of a player, so that a cached one is never wrong. */
export interface KnownPlayer {
  /** The number of the player's row. */
  readonly player: number;
  /** Names the player in public proofs: 32 hex digits. */
  readonly publicHash: string;
}

/** What is known of a new player. */
type Profile = Omit<NewPlayer, 'id' | 'publicHash' | 'streamName' | 'keyId' | 'clientSeed'>;
const NO_PROFILE = { country: '', currency: '', vipLevel: 0, timeZone: '' };

interface Sources {
  readonly reads: Reads;
  readonly journal: Journal;
  readonly newId: () => Promise<number>;
  readonly seeds: Pick<MasterKeys, 'currentId'>;
}

// About 200 bytes each.
const REMEMBERED = 200_000;

/** Maps players' names to their numbers, and creates players. */
export class Players {
  readonly #sources: Sources;
  readonly #known = new LRUCache<string, KnownPlayer>({ max: REMEMBERED });

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** The player. Throws PLAYER_NOT_FOUND. */
  async require(name: PlayerName): Promise<KnownPlayer> {
    return this.known(name) ?? knownOf(await this.get(name));
  }

  /** The player, if it is cached. */
  known(name: PlayerName): KnownPlayer | undefined {
    return this.#known.get(cacheKey(name));
  }

  /**
   * The player. Creates an unknown player, in a separate operation that remains even if the call then fails.
   */
  async ensure(name: PlayerName, caller: Caller): Promise<KnownPlayer> {
    const known = this.known(name) ?? (await this.#find(name));
    if (known !== undefined) return 'player' in known ? known : knownOf(known);
    try {
      await this.create({ ...name, ...NO_PROFILE }, caller, [], '');
    } catch (error) {
      // A concurrent call has created the player.
      if (!(error instanceof ApiError) || error.reason !== 'ALREADY_EXISTS') throw error;
    }
    return this.require(name);
  }

  /** Creates a player. Throws ALREADY_EXISTS. Keys and request hash are those of `CallOptions`. */
  async create(
    profile: Pick<PlayerName, 'operator'> & Profile,
    caller: Caller,
    keys: readonly string[],
    requestHash: string,
    onReplay?: () => void,
  ): Promise<number> {
    const { operator, ...rest } = profile;
    const player = await this.#newPlayer(rest);
    const { id, publicHash } = player;
    const made = await this.#sources.journal.run(
      createPlayer,
      player,
      {
        operator,
        caller: caller.name,
        keys,
        requestHash,
        route: id,
        deadlineMs: Infinity,
      },
      onReplay,
    );
    // A repeated call gets the first player.
    if (made === id) this.#known.set(cacheKey(profile), { player: id, publicHash });
    return made;
  }

  async #newPlayer(profile: Profile): Promise<NewPlayer> {
    const { newId, seeds } = this.#sources;
    return {
      ...profile,
      id: await newId(),
      publicHash: randomBytes(16).toString('hex'),
      streamName: newStream('player'),
      keyId: seeds.currentId,
      clientSeed: randomBytes(16).toString('hex'),
    };
  }

  /**
   * The numbers of many players of a brand, by their user ids; each is named once. @param creates whether unknown
   * players are created, in a separate operation; otherwise they are omitted.
   */
  async ensureAll(
    { operator, brandId }: Omit<PlayerName, 'userId'>,
    userIds: readonly string[],
    caller: Caller,
    creates: boolean,
  ): Promise<Map<string, number>> {
    const found = await this.#numbersOf(operator, brandId, userIds);
    const unknown = userIds.filter((userId) => !found.has(userId));
    if (!creates || unknown.length === 0) return found;
    const players = await Promise.all(unknown.map((userId) => this.#newPlayer({ ...NO_PROFILE, brandId, userId })));
    const made = await this.#sources.journal.run(createPlayers, players, {
      operator,
      caller: caller.name,
      keys: [],
      requestHash: '',
      route: players[0]!.id,
      deadlineMs: Infinity,
    });
    for (const { id, userId } of players) if (made.has(id)) found.set(userId, id);
    // The others were created by concurrent calls.
    const rest = unknown.filter((userId) => !found.has(userId));
    return new Map([...found, ...(await this.#numbersOf(operator, brandId, rest))]);
  }

  async #numbersOf(operator: OperatorNo, brandId: number, userIds: readonly string[]): Promise<Map<string, number>> {
    if (userIds.length === 0) return new Map();
    const codes = userIds.map((userId) => playerCode(brandId, userId));
    const rows = await this.#sources.reads((em) =>
      readText<{ readonly id: string; readonly code: string }>(em, player.sql.find, [operator, codes]),
    );
    const from = playerCode(brandId, '').length;
    return new Map(rows.map(({ id, code }) => [code.slice(from), Number(id)]));
  }

  /** The player. Throws PLAYER_NOT_FOUND. */
  async get(name: PlayerName): Promise<PlayerRow> {
    const row = await this.#find(name);
    if (row === undefined) {
      throw new ApiError('PLAYER_NOT_FOUND', 'no such player', { details: { user_id: name.userId } });
    }
    return row;
  }

  /** Up to `limit` players of a brand whose user ids are greater than `after`, ordered by user id. */
  list(operator: OperatorNo, brandId: number, after: string, limit: number): Promise<PlayerRow[]> {
    // "0" is the character after "/": the code of the next brand in text order ends the range.
    return this.#sources.reads((em) =>
      readRows(em, player, operator, (query) =>
        query
          .where('t.code', '>', playerCode(brandId, after))
          .where('t.code', '<', `${brandId}0`)
          .where(sql<SqlBool>`t.code <> ''`)
          .orderBy('t.code')
          .limit(limit),
      ),
    );
  }

  /** Whether all of these players belong to a brand. */
  async areOf(operator: OperatorNo, ids: readonly number[], brandId: number): Promise<boolean> {
    const rows = await this.#sources.reads((em) => readRowsById(em, player, operator, ids));
    return rows.length === ids.length && rows.every((row) => row.brandId === brandId);
  }

  /** Players by their numbers. */
  async byId(operator: OperatorNo, ids: readonly number[]): Promise<Map<number, PlayerRow>> {
    const rows = await this.#sources.reads((em) => readRowsById(em, player, operator, ids));
    return new Map(rows.map((row) => [row.id, row]));
  }

  async #find(name: PlayerName): Promise<PlayerRow | undefined> {
    const row = await this.#sources.reads((em) =>
      findRow(em, player, name.operator, playerCode(name.brandId, name.userId)),
    );
    if (row !== undefined) this.#known.set(cacheKey(name), knownOf(row));
    return row;
  }
}

const knownOf = (row: PlayerRow): KnownPlayer => ({ player: row.id, publicHash: publicHashOf(row) });
const cacheKey = ({ operator, brandId, userId }: PlayerName): string => `${operator}|${brandId}|${userId}`;
