import type { PlayerLimit, PlayerLimits, PlayerLimitUse } from '../../gen/ts/windfall/facts/v1/player.ts';
import type { AssetNo } from '../journal/index.ts';
import { capped, formatDecimal, invalid, ApiError, type Micros } from '../kernel/index.ts';

/** Kinds of limits; the numbers are stored. */
export const limitKind = { spend: 1, opens: 2, tickets: 3 } as const;
export type LimitKind = keyof typeof limitKind;
/** Periods of limits; the numbers are stored. They begin at midnight UTC: weeks on Monday, months on the first. */
export const limitPeriod = { day: 1, week: 2, month: 3 } as const;
export type LimitPeriod = keyof typeof limitPeriod;

/** A loosened limit takes effect after this time, in microseconds. */
export const LOOSENING = 86_400_000_000;

const DAY = 86_400_000;
/** 1970 began on a Thursday. */
const MONDAY = 4 * DAY;

/** The beginning and the end of the period that a time is in, in microseconds since 1970. */
export function periodOf(period: number, now: number): readonly [from: number, to: number] {
  const ms = Math.floor(now / 1000);
  if (period === limitPeriod.month) {
    const date = new Date(ms);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    return [Date.UTC(year, month) * 1000, Date.UTC(year, month + 1) * 1000];
  }
  const [length, shift] = period === limitPeriod.week ? [7 * DAY, MONDAY] : [DAY, 0];
  const from = Math.floor((ms - shift) / length) * length + shift;
  return [from * 1000, (from + length) * 1000];
}

/** What a play uses of a player's limits. */
export type Use =
  | { readonly kind: 'spend'; readonly asset: AssetNo; readonly amount: Micros }
  | { readonly kind: 'opens' | 'tickets'; readonly amount: bigint };

/** The limit in force at a time; undefined: none. */
export const inForce = ({ amount, next, nextAt }: PlayerLimit, now: number): bigint | undefined =>
  nextAt !== 0n && now >= Number(nextAt) ? next : amount;

/**
 * What is used of a limit in the period that `now` is in, or in a later one that was counted in before the clock was
 * set back: no period begins twice.
 */
export const usedOf = ({ period, window, used }: PlayerLimit, now: number): bigint =>
  Number(window) >= periodOf(period, now)[0] ? used : 0n;

/** Throws LIMIT_REACHED if uses together would pass a limit. @param now microseconds since 1970. */
export function checkLimits({ limits }: PlayerLimits, uses: readonly PlayerLimitUse[], now: number): void {
  for (const limit of limits) {
    const most = inForce(limit, now);
    const more = sumOf(limit, uses);
    if (most === undefined || more === 0n) continue;
    const used = usedOf(limit, now);
    if (used + more > most) throw reached(limit, { most, used, more }, now);
  }
}

/** The limits after uses, which are counted in the periods that `now` is in. */
export function countUses({ limits }: PlayerLimits, uses: readonly PlayerLimitUse[], now: number): PlayerLimits {
  return {
    limits: limits.map((limit) => {
      const more = sumOf(limit, uses);
      if (more === 0n) return limit;
      const window = Math.max(Number(limit.window), periodOf(limit.period, now)[0]);
      return { ...limit, window: BigInt(window), used: capped(usedOf(limit, now) + more) };
    }),
  };
}

/** A limit to set. */
export interface LimitChange {
  readonly kind: LimitKind;
  /** The number of the asset of kind spend; 0 for the others. */
  readonly asset: AssetNo;
  readonly period: LimitPeriod;
  /** Micro-units, or a count; undefined: the limit ends. */
  readonly amount: bigint | undefined;
}

const LIMITS_MAX = 100;

/**
 * A player's limits after changes: a tighter one is in force at once, a looser one after `LOOSENING`. Throws
 * INVALID_ARGUMENT if they become too many. @param now microseconds since 1970.
 */
export function changeLimits({ limits }: PlayerLimits, changes: readonly LimitChange[], now: number): PlayerLimits {
  const after = new Map(limits.filter((one) => !isOver(one, now)).map((one) => [keyOf(one), one]));
  for (const { kind, asset, period, amount } of changes) {
    const fresh = freshLimit(limitKind[kind], asset, limitPeriod[period]);
    const limit = changed(after.get(keyOf(fresh)) ?? fresh, amount, now);
    if (isOver(limit, now)) after.delete(keyOf(limit));
    else after.set(keyOf(limit), limit);
  }
  if (after.size > LIMITS_MAX) throw invalid('limits', `must be at most ${LIMITS_MAX} of a player`);
  return { limits: [...after].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, limit]) => limit) };
}

const freshLimit = (kind: number, asset: number, period: number): PlayerLimit => ({
  kind,
  period,
  asset: BigInt(asset),
  amount: undefined,
  next: undefined,
  nextAt: 0n,
  window: 0n,
  used: 0n,
});

function changed(limit: PlayerLimit, amount: bigint | undefined, now: number): PlayerLimit {
  const current = inForce(limit, now);
  const settled = { ...limit, amount: current, next: undefined, nextAt: 0n };
  const tighter = amount !== undefined && (current === undefined || amount <= current);
  if (tighter) return { ...settled, amount };
  if (current === undefined) return settled;
  const pending = Number(limit.nextAt) > now && limit.next === amount;
  return { ...settled, next: amount, nextAt: pending ? limit.nextAt : BigInt(now + LOOSENING) };
}

const isOver = (limit: PlayerLimit, now: number): boolean =>
  inForce(limit, now) === undefined && Number(limit.nextAt) <= now;
const keyOf = ({ kind, asset, period }: PlayerLimit): string => `${kind}/${String(asset).padStart(3, '0')}/${period}`;

const sumOf = ({ kind, asset }: PlayerLimit, uses: readonly PlayerLimitUse[]): bigint =>
  uses.reduce((sum, use) => (use.kind === kind && use.asset === asset ? sum + use.amount : sum), 0n);

function reached(
  { kind, period }: PlayerLimit,
  { most, used, more }: { readonly most: bigint; readonly used: bigint; readonly more: bigint },
  now: number,
): ApiError {
  const text = (amount: bigint): string => (kind === limitKind.spend ? formatDecimal(amount) : String(amount));
  const [name, per] = [nameOf(limitKind, kind), nameOf(limitPeriod, period)];
  return new ApiError('LIMIT_REACHED', `the player's limit of ${name} per ${per} does not allow it`, {
    details: {
      kind: name,
      period: per,
      limit: text(most),
      used: text(used),
      requested: text(more),
      reset_time: new Date(periodOf(period, now)[1] / 1000).toISOString(),
    },
  });
}

/** The name of a stored number. */
export const nameOf = <Name extends string>(names: Readonly<Record<Name, number>>, number: number): Name =>
  (Object.keys(names) as Name[]).find((name) => names[name] === number)!;
