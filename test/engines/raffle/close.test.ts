import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { RaffleClosed } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import { closing, type CloseOrder } from '../../../src/engines/raffle/close.ts';
import type { Raffle } from '../../../src/engines/raffle/definition.ts';
import { QUICKNET, roundDue } from '../../../src/fairness/index.ts';
import type { Snapshot } from '../../../src/journal/index.ts';
import { ApiError } from '../../../src/kernel/index.ts';
import { poolState, ticketPool } from '../../../src/tickets/index.ts';

const SECOND = 1_000_000;
const NOW = (QUICKNET.genesisTime + 3_000_000) * SECOND;

/** Closes a pool with the database's clock at `NOW`, and the process's so many seconds ahead of it. */
function close(ahead: number, entropy = 'beacon'): RaffleClosed {
  const content = { entropy, drawAt: 0n, salesEnd: 0n };
  const raffle = { code: 'summer', pool: 3, version: 1, definitionId: 2, content } as unknown as Raffle;
  const order: CloseOrder = { raffle, entropy: '', source: '', brand: null, clock: NOW + ahead * SECOND };
  const pool = { state: poolState.open, tickets: 5, brand: 1 };
  const row = (table: unknown): object => (table === ticketPool ? pool : { status: 2, version: 1 });
  const snapshot = { now: NOW, row } as unknown as Snapshot;
  return closing(QUICKNET).decide(order, snapshot)[0]!.data as RaffleClosed;
}

test('a pool is closed only while its round is to come by both clocks', () => {
  const due = roundDue(QUICKNET, Number(close(0).beaconRound));
  assert.equal(due - NOW, 2 * QUICKNET.period * SECOND);
  for (const ahead of [-3600, 1, 5.9]) assert.equal(close(ahead).beaconRound, close(0).beaconRound);
  for (const ahead of [6, 60, 86_400]) {
    assert.throws(
      () => close(ahead),
      (error: unknown) => error instanceof ApiError && error.reason === 'UNAVAILABLE',
    );
  }
  assert.equal(close(86_400, 'none').beaconRound, 0n);
});
