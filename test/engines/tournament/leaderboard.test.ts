import assert from 'node:assert/strict';
import { test } from 'vitest';
import { GetLeaderboardRequest } from '../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { seasonStatus } from '../../../src/engines/tournament/entities.ts';
import { readLeaderboard } from '../../../src/engines/tournament/operations/get-leaderboard.ts';
import type { Caller } from '../../../src/kernel/index.ts';
import type { Platform } from '../../../src/platform/index.ts';

const CONTENT = { sharedTies: false };
const COUNTS = { entries: 3, ranked: 3, scores: 3, pool: 0n, version: 1 };
const TIMES = { startAt: 0, endAt: 0, closedAt: 0 };
const SEASON = { id: 5, number: 1, versionId: 4, status: seasonStatus.open, ...COUNTS, ...TIMES };
const placeOf = (user_id: string, brand_id: number) => ({
  player_id: '7',
  points: '5',
  early: '-1',
  user_id,
  brand_id: String(brand_id),
  public_hash: 'ab'.repeat(16),
  bucket: '5',
  octaves: '0',
  counters: Buffer.alloc(1024),
  better: '0',
  higher: '0',
});
/** A player of the first brand, one of the same name of the second, and another of the first. */
const PLACES = [placeOf('ann', 1), placeOf('ann', 2), placeOf('bob', 1)];

/** The names that a caller sees. */
async function seen(caller: Pick<Caller, 'role' | 'brand' | 'userId'>): Promise<(string | null)[]> {
  const read: unknown[] = [[SEASON], PLACES];
  const platform = {
    reads: async () => read.shift(),
    definitions: { get: () => ({ id: 3, code: 'cup', versionId: 4, content: CONTENT }) },
  } as unknown as Platform;
  const request = GetLeaderboardRequest.fromPartial({ id: 'cup' });
  const { leaderboard } = await readLeaderboard(platform, request, { operator: 1, ...caller } as Caller);
  return leaderboard.places.map(({ userId }) => userId ?? null);
}

test('who has a place is seen by the player, by keys of the brand, and by those of all brands', async () => {
  assert.deepEqual(await seen({ role: 'anonymous', brand: null, userId: null }), [null, null, null]);
  assert.deepEqual(await seen({ role: 'player', brand: 1, userId: 'ann' }), ['ann', null, null]);
  assert.deepEqual(await seen({ role: 'service', brand: 2, userId: null }), [null, 'ann', null]);
  assert.deepEqual(await seen({ role: 'admin', brand: null, userId: null }), ['ann', 'ann', 'bob']);
});
