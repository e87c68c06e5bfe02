import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { CreateTournamentRequest } from '../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { createDefinition, type Changed } from '../../../src/engines/kit/changing.ts';
import { tournaments } from '../../../src/engines/tournament/definition.ts';
import type { Caller } from '../../../src/kernel/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import type { Context } from '../../../src/rpc/index.ts';
import { openJournal, reasonOf } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { platformOn } from '../jackpot/platform.ts';

const admin: Caller = { role: 'admin', operator: 1, brand: null, scopes: new Set(), userId: null, name: 'admin:1' };

test('a tournament that is created again with its key after its end is the first response', async () => {
  const { url, journal } = await openJournal();
  await runSql(url, "insert into asset (operator_id, asset_no, code, kind) values (1, 1, 'WINZ', 'currency')");
  const served = platformOn(url, journal);
  const platform: Platform = { ...served.platform, requestHash: () => (request: any) => `hash of ${request.name}` };
  try {
    let replays = 0;
    const { signal } = new AbortController();
    const context = { caller: admin, signal, deadlineMs: Infinity, markReplayed: () => replays++ };
    const endTime = new Date(Date.now() + 1500);
    const create = (more: object): Promise<Changed> => {
      const request = { id: 'race', prizePool: { asset: 'WINZ', amount: '10' }, endTime, idempotencyKey: 'k', ...more };
      const sent = { ...CreateTournamentRequest.fromPartial(request), status: '' as const };
      return createDefinition(platform, tournaments, '', sent, context as unknown as Context);
    };
    const first = await create({});
    await sleep(endTime.getTime() + 10 - Date.now());
    const again = await create({});
    assert.deepEqual([again.shown, replays], [first.shown, 1]);
    // What is invalid says so before its key does.
    assert.equal(await reasonOf(create({ name: 'another' })), 'INVALID_ARGUMENT');
    assert.equal(await reasonOf(create({ idempotencyKey: 'new' })), 'INVALID_ARGUMENT');
    assert.equal(await reasonOf(create({ name: 'b', endTime: undefined })), 'IDEMPOTENCY_KEY_REUSED');
  } finally {
    await served.close();
    await journal.close();
  }
});
