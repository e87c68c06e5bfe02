import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, type Service } from '../support/service.ts';
import { readEvents } from '../engines/jackpot/watching.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

test('a leaderboard is streamed as scores come in, to its end, and names nobody', async () => {
  const [admin, key] = [await service.credentials('admin', ''), await service.credentials('service', '')];
  const call = async (rpc: string, request: object, headers: Record<string, string>): Promise<void> => {
    const { status } = await service.grpc(`TournamentService.${rpc}`, { id: 'watched', ...request }, headers);
    assert.equal(status, 'OK', rpc);
  };
  await call('CreateTournament', { prize_pool: { asset: 'WINZ', amount: '1000' }, points_per_usd: '10' }, admin);
  const url = `${service.envoy.base}/v1/tournaments/watched/leaderboard/watch`;
  const places: unknown[] = [];
  const statuses = new Set<string>();
  let step = 0;
  for await (const { event, id, data } of readEvents(url, key)) {
    assert.equal(event, 'leaderboard');
    assert.match(id, /^1-\d+$/);
    assert(!JSON.stringify(data).includes('ann'));
    const { season, places: shown } = data.leaderboard;
    places.push(shown.map(({ points }: { points: string }) => points));
    statuses.add(season.status);
    if (step === 0) await call('SubmitScore', { user_id: 'ann', wagered: 50 }, key);
    if (step === 1) await call('SubmitScore', { user_id: 'bob', wagered: 70 }, key);
    if (step === 2) await call('CloseTournament', {}, key);
    step += 1;
    if (season.status === 'completed') break;
  }
  assert.deepEqual(places.slice(0, 3), [[], ['500'], ['700', '500']]);
  assert(statuses.has('open'));
});
