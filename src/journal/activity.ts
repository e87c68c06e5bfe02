import type { EntityManager } from '@mikro-orm/postgresql';
import { LRUCache } from 'lru-cache';
import type { OperatorNo } from '../kernel/index.ts';
import { int8Array } from './binary.ts';
import type { Call } from './call.ts';
import { statement, type Connection, type Result } from './connection.ts';
import type { Outcome } from './decide.ts';
import { readText } from './query.ts';

/** A day in microseconds. Days are those of UTC, counted from 1970. */
export const DAY = 86_400_000_000;

/** The maximum number of players of an operator whose last day is cached: about 100 bytes each. */
const REMEMBERED = 200_000;

// A player's row is not locked by the batch, so these are in one order, too: batches wait for each other in only one
// direction.
const note = statement(
  'note_activity',
  'insert into player_activity as t (operator_id, player_id, day) select o.operator_id, u.id, $3 from operator o ' +
    'cross join unnest($2::int8[]) as u(id) where o.operator_id = $1 order by u.id ' +
    'on conflict (operator_id, player_id) do update set day = excluded.day where t.day < excluded.day',
);

/**
 * The day of each player's last activity, which commands tell (`Command.active`). It is written in the transaction of
 * the first call of a day; a cache of what this process has written keeps all others from writing.
 */
export class Activity {
  readonly #noted = new Map<OperatorNo, LRUCache<number, number>>();

  /** The active players of a batch that are not known to be noted for the day, in ascending order. */
  unnoted(
    operator: OperatorNo,
    results: readonly { readonly call: Call; readonly outcome: Outcome }[],
    now: number,
  ): readonly number[] {
    const day = Math.floor(now / DAY);
    const noted = this.#of(operator);
    let players: Set<number> | undefined;
    for (const { call, outcome } of results) {
      if (call.command.active === undefined || outcome.is !== 'done' || outcome.replayed) continue;
      const player = call.command.active(call.request);
      if (player !== 0 && (noted.get(player) ?? 0) < day) (players ??= new Set()).add(player);
    }
    return players === undefined ? NOBODY : [...players].sort((a, b) => a - b);
  }

  /** Remembers what was committed. */
  noted(operator: OperatorNo, players: readonly number[], now: number): void {
    const noted = this.#of(operator);
    for (const player of players) noted.set(player, Math.floor(now / DAY));
  }

  #of(operator: OperatorNo): LRUCache<number, number> {
    let noted = this.#noted.get(operator);
    if (noted === undefined) this.#noted.set(operator, (noted = new LRUCache({ max: REMEMBERED })));
    return noted;
  }
}

const NOBODY: readonly number[] = [];

/** Writes the day for players, in the open transaction. */
export function noteActivity(
  connection: Connection,
  operator: OperatorNo,
  players: readonly number[],
  now: number,
): Promise<Result> {
  return connection.run(note, [operator, int8Array(players), Math.floor(now / DAY)]);
}

const ACTIVE =
  'select a.player_id from player_activity a where a.operator_id = $1 and a.day = $2 and a.player_id > $3 ' +
  'order by a.player_id limit $4';

/** Up to `limit` players with numbers above `after` whose last activity was on a day, in ascending order. */
export async function activeOn(
  em: EntityManager,
  operator: OperatorNo,
  day: number,
  after: number,
  limit: number,
): Promise<number[]> {
  const rows = await readText<{ player_id: string }>(em, ACTIVE, [operator, day, after, limit]);
  return rows.map(({ player_id: id }) => Number(id));
}
