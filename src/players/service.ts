import type { Player, PlayerServiceService } from '../../gen/windfall/player/v1/player.ts';
import { callOptions } from '../journal/index.ts';
import { decodePageToken, encodePageToken } from '../kernel/index.ts';
import type { Implementation } from '../rpc/index.ts';
import type { Directory } from '../tenants/index.ts';
import type { Players } from './directory.ts';
import type { Identify } from './identify.ts';
import type { PlayerRow } from './player.ts';
import { createPlayer } from './commands/create-player.ts';

export interface PlayersHost {
  readonly players: Players;
  readonly identify: Identify;
  readonly tenants: Directory;
  /** Makes a player's token. */
  issueToken(player: { operator: number; brand: number; userId: string }, ttlSeconds: number): Promise<{ token: string; expiresAt: Date }>;
  requestHash(messageType: string): (request: unknown) => string;
}

/** PlayerService. */
export function playerService(host: PlayersHost): Implementation<typeof PlayerServiceService> {
  const { players, identify, tenants } = host;
  const hash = host.requestHash('windfall.player.v1.CreatePlayerRequest');
  return {
    async createPlayer(request, context) {
      const { caller } = context;
      const name = await identify.name(request, caller);
      const { keys, requestHash } = callOptions(context, {
        operation: createPlayer.name, brand: name.brandId, key: request.idempotencyKey, hash: () => hash(request), route: 0,
      });
      const { country, currency, vipLevel } = request;
      await players.create({ ...name, country, currency, vipLevel }, caller, keys, requestHash);
      return { player: playerMessage(await players.get(name)) };
    },
    async getPlayer(request, { caller }) {
      return { player: playerMessage(await players.get(await identify.name(request, caller))) };
    },
    async listPlayers({ brandId, pageSize, pageToken }, { caller }) {
      const brand = (await tenants.of(caller.operator)).brand(caller, brandId);
      const size = pageSize || 50;
      const filter = `players/${brand}`;
      const after = pageToken === '' ? '' : decodePageToken(filter, pageToken);
      const found = await players.list(caller.operator, brand, after, size + 1);
      const page = found.slice(0, size);
      return {
        players: page.map(playerMessage),
        nextPageToken: found.length > size ? encodePageToken(filter, page.at(-1)!.userId) : '',
      };
    },
    async issuePlayerToken(request, { caller }) {
      const { operator, brandId, userId } = await identify.name(request, caller);
      await players.ensure({ operator, brandId, userId }, caller);
      const { token, expiresAt } = await host.issueToken({ operator, brand: brandId, userId }, request.ttlSeconds || 900);
      return { token, expireTime: expiresAt };
    },
  };
}

function playerMessage({ userId, brandId, country, currency, vipLevel, createdAt }: PlayerRow): Player {
  return { userId, brandId, country, currency, vipLevel, createTime: new Date(createdAt / 1000) };
}
