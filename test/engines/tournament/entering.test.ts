import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { TournamentScored } from '../../../gen/ts/windfall/facts/v1/tournament.ts';
import type { JoinTournamentRequest } from '../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { definition, status } from '../../../src/catalogue/entities.ts';
import type { CurrentSeason, Tournament } from '../../../src/engines/tournament/bound.ts';
import { editEntry, requireOpen } from '../../../src/engines/tournament/entering.ts';
import {
  season as seasons,
  seasonStatus,
  tournament as heads,
  type SeasonRow,
} from '../../../src/engines/tournament/entities.ts';
import { joinTournament } from '../../../src/engines/tournament/operations/join-tournament.ts';
import { scoring } from '../../../src/engines/tournament/operations/submit-score.ts';
import { POINTS_MAX } from '../../../src/engines/tournament/rules.ts';
import type { Rows } from '../../../src/journal/index.ts';
import type { ApiError } from '../../../src/kernel/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import { guard } from '../../../src/players/index.ts';
import type { Context } from '../../../src/rpc/index.ts';
import { snapshotOf } from '../../support/snapshot.ts';

const currentOf = (id: number): CurrentSeason =>
  ({ row: { id, number: 1, endAt: 0 }, rules: { scoreRule: 'sum', buyIn: 0n, maxEntries: 0n }, spare: 0 }) as never;
const tournamentOf = (current: number): Tournament =>
  ({ id: 4, code: 'cup', definitionId: 2, version: 1, current: currentOf(current) }) as unknown as Tournament;

test('a season takes scores from its start until its end, and players before', () => {
  const row = { status: seasonStatus.open, startAt: 100, endAt: 200, number: 1 };
  const rows = [
    [definition, { status: status.active, version: 1 }],
    [heads, { seasonId: 5 }],
    [seasons, row],
  ] as const;
  const statusAt = (now: number, early: boolean): unknown => {
    try {
      const entering = { tournament: tournamentOf(5), season: currentOf(5), player: 7, brand: 1 };
      requireOpen(entering, snapshotOf(now, ...rows), early);
      return 'open';
    } catch (error) {
      return (error as ApiError).details['status'];
    }
  };
  const at = (early: boolean): unknown[] => [99, 100, 199, 200].map((now) => statusAt(now, early));
  assert.deepEqual(at(false), ['scheduled', 'open', 'open', 'ended']);
  assert.deepEqual(at(true), ['open', 'open', 'open', 'ended']);
});

test('an entry has as many points as there can be, and not one more', () => {
  const row = { status: seasonStatus.open, startAt: 0, endAt: 0, number: 1, entries: 5, block: 1 };
  const snapshot = snapshotOf(
    50,
    [definition, { status: status.active, version: 1 }],
    [heads, { seasonId: 5 }],
    [seasons, row],
    [guard, { excludedUntil: 0, limits: '' }],
  );
  const scored = (given: bigint): unknown => {
    const entering = { tournament: tournamentOf(5), season: currentOf(5), player: 7, brand: 1 };
    return (scoring.decide({ ...entering, wagered: 0n, given }, snapshot)[0]!.data as TournamentScored).points;
  };
  assert.equal(scored(POINTS_MAX), POINTS_MAX);
  assert.throws(() => scored(POINTS_MAX + 1n), { reason: 'SCORE_OUT_OF_RANGE' });
});

test('a season has the brand of its players, or several', () => {
  const row = { id: 5, brand: 0, entries: 0, block: 0 } as SeasonRow;
  const rows = { create: () => ({}) } as unknown as Rows;
  const brands = [1001n, 1001n, 1002n, 1002n, 1001n].map((brand, n) => {
    editEntry(rows, row, { entry: BigInt(n), created: true, block: 0n, player: BigInt(n), brand });
    return row.brand;
  });
  assert.deepEqual(brands, [1001, 1001, -1, -1, -1]);
  assert.equal(row.entries, 5);
});

test('a player joins each season once, with any key', async () => {
  const onceOf = async (season: number, player: number): Promise<string | undefined> => {
    const platform = {
      requestHash: () => () => '',
      identify: { ensure: () => ({ brandId: 1, player }) },
      definitions: { get: () => tournamentOf(season) },
    } as unknown as Platform;
    const context = { caller: { role: 'service', operator: 1, brand: null, userId: null, name: 'key:1' } };
    const work = joinTournament.work(platform)(context as unknown as Context);
    const request = { id: 'cup', userId: 'u', brandId: '', idempotencyKey: '' } as JoinTournamentRequest;
    return (await work.prepare(request, false)).options.once;
  };
  const once = await onceOf(5, 7);
  assert.equal(typeof once, 'string');
  assert.equal(await onceOf(5, 7), once);
  assert.notEqual(await onceOf(6, 7), once);
  assert.notEqual(await onceOf(5, 8), once);
});
