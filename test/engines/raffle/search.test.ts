import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { findWinners } from '../../../src/engines/raffle/find-winners.ts';
import type { Raffle } from '../../../src/engines/raffle/definition.ts';
import { taskOptions } from '../../../src/journal/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import { poolState } from '../../../src/tickets/index.ts';
import { keys } from '../jackpot/fixture.ts';

// The closed pool, which also serves as the entry of every ticket.
const POOL = { state: poolState.closed, tickets: 90, poolHash: '', beaconRound: 0, entropy: '', player: 1 };
const [CALLERS, WINNERS] = [20, 30];
const STREAM = { name: 'raffle/3', keyId: keys.currentId, position: 0 };
const CONTENT = { onePerPlayer: false, entropy: 'none', prizes: [] };
const RAFFLE = { pool: 3, content: CONTENT, rewards: Array(WINNERS) } as unknown as Raffle;

test('callers of one draw share its search, and the next one searches again', async () => {
  let reads = 0;
  const platform = {
    keys,
    beacon: { chain: {} },
    journal: { run: async () => undefined },
    reads: async () => {
      reads += 1;
      await turn();
      return [POOL, STREAM];
    },
  } as unknown as Platform;
  const find = (): ReturnType<typeof findWinners> =>
    findWinners(platform, { raffle: RAFFLE, entropy: '', source: '', brand: null }, taskOptions(1, 3));
  const [first, ...others] = await Promise.all(Array.from({ length: CALLERS }, find));
  assert.equal(first!.winners.length, WINNERS);
  for (const other of others) expect(other).toBe(first);
  assert.equal(reads, CALLERS + WINNERS);
  assert.deepEqual(await find(), first);
  assert.equal(reads, CALLERS + WINNERS + 1 + WINNERS);
});
