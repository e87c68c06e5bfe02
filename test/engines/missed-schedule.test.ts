import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import { test } from 'vitest';
import { until } from '../../src/db/index.ts';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer } from '../support/service.ts';
import { lootbox, soon, WAIT_MS } from './definition.ts';

for (const how of ['SIGTERM', 'SIGKILL'] as const) {
  test(`a scheduled version takes effect even if no server ran at its time, after ${how}`, async (t) => {
    const database = await freshDatabase();
    const first = await startServer(database);
    const api = grpcApi(first.address);
    const admin = await new Callers(api.call, database).headers('admin', '');
    const request = { id: 'box', ...lootbox.content };
    assert.equal((await api.call('LootboxService.CreateLootbox', request, admin)).status, 'OK');
    const at = soon(1500);
    const update = { id: 'box', rolls: 2, effective_time: at };
    assert.equal((await api.call('LootboxService.UpdateLootbox', update, admin)).status, 'OK');
    api.close();
    await first.end(how);
    assert.ok(await until(() => new Date().toISOString() > at, WAIT_MS));
    const second = await startServer(database);
    const again = grpcApi(second.address);
    t.onTestFinished(async () => {
      again.close();
      await second.end();
    });
    const version = async (): Promise<unknown> =>
      ((await again.call('LootboxService.GetLootbox', { id: 'box' })).body as JsonObject | null)?.['version'];
    assert.ok(await until(async () => (await version()) === 2, WAIT_MS), 'it is forgotten');
  });
}
