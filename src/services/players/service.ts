import { PlayerServiceService, type Player } from '../../../gen/ts/windfall/player/v1/player.ts';
import { callOptions } from '../../journal/index.ts';
import { pageOf } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { createPlayer, type PlayerRow } from '../../players/index.ts';
import type { Implementation } from '../../rpc/index.ts';

/** PlayerService. */
export function playerService({
  players,
  identify,
  tenants,
  tokens,
  requestHash,
}: Platform): Implementation<typeof PlayerServiceService> {
  const hash = requestHash(PlayerServiceService.createPlayer.path);
  return {
    async createPlayer(request, context) {
      const { caller } = context;
      const name = await identify.name(request, caller);
      const { keys, requestHash: requested } = callOptions(context, {
        operation: createPlayer.name,
        brand: name.brandId,
        key: request.idempotencyKey,
        hash: () => hash(request),
        route: 0,
      });
      const { country, currency, vipLevel } = request;
      await players.create({ ...name, country, currency, vipLevel }, caller, keys, requested, () =>
        context.markReplayed(),
      );
      return { player: playerMessage(await players.get(name)) };
    },
    async getPlayer(request, { caller }) {
      return { player: playerMessage(await players.get(await identify.name(request, caller))) };
    },
    async listPlayers(request, { caller: { operator, ...caller } }) {
      const brand = (await tenants.of(operator)).brand({ operator, ...caller }, request.brandId);
      const { items, nextPageToken } = await pageOf(request, {
        name: `players/${brand}`,
        read: (after, limit) => players.list(operator, brand, after, limit),
        position: ({ userId }) => userId,
      });
      return { players: items.map(playerMessage), nextPageToken };
    },
    async issuePlayerToken(request, { caller }) {
      const { operator, brandId, userId } = await identify.name(request, caller);
      await players.ensure({ operator, brandId, userId }, caller);
      const { token, expiresAt } = await tokens.issuePlayer(
        { operator, brand: brandId, userId },
        request.ttlSeconds || 900,
      );
      return { token, expireTime: expiresAt };
    },
  };
}

function playerMessage({ userId, brandId, country, currency, vipLevel, createdAt }: PlayerRow): Player {
  return { userId, brandId, country, currency, vipLevel, createTime: new Date(createdAt / 1000) };
}
