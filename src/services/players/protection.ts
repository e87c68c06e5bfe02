import type { PlayerLimit } from '../../../gen/ts/windfall/facts/v1/player.ts';
import {
  PlayerServiceService,
  type GetLimitsResponse,
  type Limit,
  type LimitInput,
} from '../../../gen/ts/windfall/player/v1/player.ts';
import { readRowsById } from '../../journal/index.ts';
import { formatDecimal, parseDecimal, type Caller } from '../../kernel/index.ts';
import { read, write, type Platform } from '../../platform/index.ts';
import {
  excludePlayer,
  exclusionKind,
  FOREVER,
  guard,
  inForce,
  liftExclusion,
  limitKind,
  limitPeriod,
  nameOf,
  periodOf,
  protectionOf,
  setLimits as settingLimits,
  usedOf,
  type LimitChange,
  type Protection,
} from '../../players/index.ts';
import type { Tenant } from '../../tenants/index.ts';

/** Returns what protects a player. */
export const getLimits = read(PlayerServiceService.getLimits, (platform) => async (request, { caller }) => {
  const name = await platform.identify.name(request, caller);
  const { id } = await platform.players.get(name);
  const [row = guard.blank(id)] = await platform.reads((em) => readRowsById(em, guard, caller.operator, [id]));
  // The database's clock decides; this one is close enough to show what is used.
  return shown({ id, time: Date.now() * 1000, data: protectionOf(row) }, { platform, caller });
});

/** Sets limits: tighter ones at once, looser ones after 24 hours. */
export const setLimits = write({
  method: PlayerServiceService.setLimits,
  command: () => settingLimits,
  player: (request) => request,
  async prepare({ limits }, { who: { player }, platform, caller }) {
    const tenant = await platform.tenants.of(caller.operator);
    return { route: player, request: { id: player, limits: limits.map((limit) => changeOf(limit, tenant)) } };
  },
  respond: shown,
});

/** Excludes a player at once. */
export const exclude = write({
  method: PlayerServiceService.excludePlayer,
  command: () => excludePlayer,
  player: (request) => request,
  prepare: ({ kind, endTime }, { who: { player } }) => ({
    route: player,
    request: {
      id: player,
      kind: (kind || 'exclusion') as keyof typeof exclusionKind,
      until: endTime === undefined ? FOREVER : endTime.getTime() * 1000,
    },
  }),
  respond: shown,
});

/** Ends an exclusion in 24 hours. */
export const lift = write({
  method: PlayerServiceService.liftExclusion,
  command: () => liftExclusion,
  async prepare(request, { platform, caller }) {
    const { player, brandId } = await platform.identify.find(request, caller);
    return { route: player, brand: brandId, request: { id: player, userId: request.userId } };
  },
  respond: shown,
});

function changeOf({ kind, asset, period, amount }: LimitInput, tenant: Tenant): LimitChange {
  const micros = parseDecimal(amount);
  return {
    kind: kind as LimitChange['kind'],
    period: period as LimitChange['period'],
    asset: asset === '' ? 0 : tenant.assetNo(asset),
    amount: micros === undefined || kind === 'spend' ? micros : micros / 1_000_000n,
  };
}

const date = (micros: number): Date => new Date(micros / 1000);

async function shown(
  { id, time, data }: Protection,
  { platform, caller: { operator } }: { readonly platform: Platform; readonly caller: Caller },
): Promise<GetLimitsResponse> {
  const row = (await platform.players.byId(operator, [id])).get(id)!;
  const [since, until] = [Number(data.excludedSince), Number(data.excludedUntil)];
  const excluded = until > time;
  const kind = excluded ? nameOf(exclusionKind, data.exclusion) : '';
  return {
    protection: {
      userId: row.userId,
      excluded,
      exclusion: excluded
        ? { kind, since: date(since), endTime: until === FOREVER ? undefined : date(until) }
        : undefined,
      limits: data
        .limits!.limits.map((limit) =>
          limitMessage(limit, time, (asset) => platform.tenants.assetCode(operator, asset)),
        )
        .filter(({ amount, pending }) => amount !== undefined || pending),
    },
  };
}

function limitMessage(limit: PlayerLimit, time: number, assetCode: (asset: number) => string): Limit {
  const { kind, asset, period, next, nextAt } = limit;
  const spend = kind === limitKind.spend;
  const text = (amount: bigint): string => (spend ? formatDecimal(amount) : String(amount));
  const shownAmount = (amount: bigint | undefined): string | undefined =>
    amount === undefined ? undefined : text(amount);
  const pending = Number(nextAt) > time;
  return {
    kind: nameOf(limitKind, kind),
    asset: spend ? assetCode(Number(asset)) : undefined,
    period: nameOf(limitPeriod, period),
    amount: shownAmount(inForce(limit, time)),
    used: text(usedOf(limit, time)),
    resetTime: date(periodOf(period, time)[1]),
    pending,
    pendingAmount: pending ? shownAmount(next) : undefined,
    pendingTime: pending ? date(Number(nextAt)) : undefined,
  };
}
