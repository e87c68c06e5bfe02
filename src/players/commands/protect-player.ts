import { PlayerLimits, PlayerProtected } from '../../../gen/ts/windfall/facts/v1/player.ts';
import { defineFact, type Command, type Operation } from '../../journal/index.ts';
import { invalid, ApiError } from '../../kernel/index.ts';
import { changeLimits, LOOSENING, type LimitChange } from '../limits.ts';
import { guard, type GuardRow } from '../guard.ts';

/** Kinds of exclusions; the numbers are stored. */
export const exclusionKind = { cool_off: 1, exclusion: 2 } as const;
/** The end of an exclusion that has none. Microseconds up to the year 2255 are exact. */
export const FOREVER = Date.UTC(2200, 0) * 1000;

const AHEAD_MAX = 100 * 366 * 86_400_000_000;
const change = { limits: 1, excluded: 2, lifted: 3 } as const;

export const playerProtected = defineFact<PlayerProtected>({
  name: 'player.protected',
  number: 103,
  version: 1,
  aggregate: guard,
  codec: PlayerProtected,
  players: (_, id) => [id],
  evolve(data, rows, at) {
    const row = rows.edit(guard, at.aggregate);
    row.exclusion = data.exclusion;
    row.excludedSince = Number(data.excludedSince);
    row.excludedUntil = Number(data.excludedUntil);
    row.limits = data.limits!.limits.length === 0 ? new Uint8Array() : PlayerLimits.encode(data.limits!).finish();
  },
});

/** What protects a player, at a time in microseconds since 1970. */
export interface Protection {
  readonly id: number;
  readonly time: number;
  readonly data: PlayerProtected;
}

const answer = ({ time, facts }: Operation): Protection => ({
  time,
  id: facts[0]!.id,
  data: facts[0]!.data as PlayerProtected,
});

/** What protects a player, from the player's row. */
export const protectionOf = (row: Readonly<GuardRow>, kind = 0): PlayerProtected => ({
  change: kind,
  exclusion: row.exclusion,
  excludedSince: BigInt(row.excludedSince),
  excludedUntil: BigInt(row.excludedUntil),
  limits: PlayerLimits.decode(row.limits),
});

/** Sets limits. Throws INVALID_ARGUMENT if the player would have too many. */
export const setLimits: Command<{ readonly id: number; readonly limits: readonly LimitChange[] }, Protection> = {
  name: 'player.set-limits',
  needs: ({ id }, rows) => rows.lock(guard, id),
  decide({ id, limits }, snapshot) {
    const before = protectionOf(snapshot.row(guard, id), change.limits);
    const data = { ...before, limits: changeLimits(before.limits!, limits, snapshot.now) };
    return [{ kind: playerProtected, id, data, transfers: [] }];
  },
  answer,
};

interface Exclude {
  readonly id: number;
  readonly kind: keyof typeof exclusionKind;
  /** Microseconds since 1970. */
  readonly until: number;
}

/** Excludes a player, never for a shorter time than before. Throws INVALID_ARGUMENT. */
export const excludePlayer: Command<Exclude, Protection> = {
  name: 'player.exclude',
  needs: ({ id }, rows) => rows.lock(guard, id),
  decide({ id, kind, until }, snapshot) {
    const { now } = snapshot;
    if (until <= now) throw invalid('end_time', 'must be in the future');
    if (until !== FOREVER && until > now + AHEAD_MAX) throw invalid('end_time', 'must be within 100 years');
    const before = protectionOf(snapshot.row(guard, id), change.excluded);
    const excluded = Number(before.excludedUntil) > now;
    const longer = Number(before.excludedUntil) < until;
    const data = {
      ...before,
      exclusion: longer ? exclusionKind[kind] : before.exclusion,
      excludedSince: excluded ? before.excludedSince : BigInt(now),
      excludedUntil: longer ? BigInt(until) : before.excludedUntil,
    };
    return [{ kind: playerProtected, id, data, transfers: [] }];
  },
  answer,
};

/** Ends an exclusion in 24 hours, if it does not end before. Throws NOT_EXCLUDED. */
export const liftExclusion: Command<{ readonly id: number; readonly userId: string }, Protection> = {
  name: 'player.lift-exclusion',
  needs: ({ id }, rows) => rows.lock(guard, id),
  decide({ id, userId }, snapshot) {
    const { now } = snapshot;
    const before = protectionOf(snapshot.row(guard, id), change.lifted);
    if (Number(before.excludedUntil) <= now)
      throw new ApiError('NOT_EXCLUDED', 'the player is not excluded', { details: { user_id: userId } });
    const until = Math.min(Number(before.excludedUntil), now + LOOSENING);
    return [{ kind: playerProtected, id, data: { ...before, excludedUntil: BigInt(until) }, transfers: [] }];
  },
  answer,
};
