import { PlayerServiceService, type Player } from '../../../gen/ts/windfall/player/v1/player.ts';
import { callOptions } from '../../journal/index.ts';
import { pageOf, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { createPlayer, type PlayerRow } from '../../players/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import type { Tenant } from '../../tenants/index.ts';

/** PlayerService. */
export function playerService({
  players,
  identify,
  tenants,
  tokens,
  requestHash,
}: Platform): Implementation<typeof PlayerServiceService> {
  const hash = requestHash(PlayerServiceService.createPlayer.path);
  const shown = async (operator: OperatorNo, row: PlayerRow): Promise<Player> =>
    playerMessage(row, await tenants.of(operator));
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
      return { player: await shown(caller.operator, await players.get(name)) };
    },
    async getPlayer(request, { caller }) {
      return { player: await shown(caller.operator, await players.get(await identify.name(request, caller))) };
    },
    async listPlayers(request, { caller: { operator, ...caller } }) {
      const tenant = await tenants.of(operator);
      const brand = tenant.brand({ operator, ...caller }, request.brandId);
      const { items, nextPageToken } = await pageOf(request, {
        name: `players/${brand}`,
        read: (after, limit) => players.list(operator, brand, after, limit),
        position: ({ userId }) => userId,
      });
      return { players: items.map((row) => playerMessage(row, tenant)), nextPageToken };
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

function playerMessage(
  { id, userId, brandId, country, currency, vipLevel, createdAt }: PlayerRow,
  tenant: Tenant,
): Player {
  return {
    userId,
    vipLevel,
    brandId: tenant.brandName(brandId),
    country: country || undefined,
    currency: currency || undefined,
    createTime: new Date(createdAt / 1000),
    playerId: BigInt(id),
    brandNumber: brandId,
  };
}
