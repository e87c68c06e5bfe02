import { PlayerServiceService, type Player } from '../../../gen/ts/windfall/player/v1/player.ts';
import { callOptions } from '../../journal/index.ts';
import { checkZone, pageOf, type OperatorNo } from '../../kernel/index.ts';
import { write, type Platform } from '../../platform/index.ts';
import { createPlayer, updatePlayer as updating, type PlayerRow } from '../../players/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import type { Tenant } from '../../tenants/index.ts';
import { exclude, getLimits, lift, setLimits } from './protection.ts';

/** Changes a player's attributes. */
const updatePlayer = write({
  method: PlayerServiceService.updatePlayer,
  command: () => updating,
  async prepare(request, { platform, caller }) {
    if (request.timeZone) checkZone(request.timeZone, 'time_zone');
    const { player, brandId } = await platform.identify.find(request, caller);
    const { country, currency, vipLevel, timeZone } = request;
    return { route: player, brand: brandId, request: { id: player, country, currency, vipLevel, timeZone } };
  },
  async respond({ id, data }, { platform: { players, tenants }, caller: { operator } }) {
    const row = (await players.byId(operator, [id])).get(id)!;
    const shown = { ...row, ...data, vipLevel: Number(data.vipLevel) };
    return { player: playerMessage(shown, await tenants.of(operator)) };
  },
});

/** PlayerService. */
export function playerService(platform: Platform): Implementation<typeof PlayerServiceService> {
  const { players, identify, tenants, tokens, requestHash } = platform;
  const hash = requestHash(PlayerServiceService.createPlayer.path);
  const shown = async (operator: OperatorNo, row: PlayerRow): Promise<Player> =>
    playerMessage(row, await tenants.of(operator));
  return {
    getLimits: getLimits(platform),
    setLimits: setLimits(platform),
    excludePlayer: exclude(platform),
    liftExclusion: lift(platform),
    updatePlayer: updatePlayer(platform),
    async createPlayer(request, context) {
      const { caller } = context;
      if (request.timeZone) checkZone(request.timeZone, 'time_zone');
      const name = await identify.name(request, caller);
      const { keys, requestHash: requested } = callOptions(context, {
        operation: createPlayer.name,
        brand: name.brandId,
        key: request.idempotencyKey,
        hash: () => hash(request),
        route: 0,
      });
      const { country, currency, vipLevel, timeZone } = request;
      await players.create({ ...name, country, currency, vipLevel, timeZone }, caller, keys, requested, () =>
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
  { id, userId, brandId, country, currency, vipLevel, timeZone, createdAt }: PlayerRow,
  tenant: Tenant,
): Player {
  return {
    userId,
    vipLevel,
    brandId: tenant.brandName(brandId),
    country: country || undefined,
    currency: currency || undefined,
    timeZone: timeZone || undefined,
    createTime: new Date(createdAt / 1000),
    playerId: BigInt(id),
    brandNumber: brandId,
  };
}
