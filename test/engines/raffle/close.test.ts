import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { RaffleClosed } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import { definition, status } from '../../../src/catalogue/entities.ts';
import { closing, type CloseOrder } from '../../../src/engines/raffle/close.ts';
import type { Raffle } from '../../../src/engines/raffle/definition.ts';
import { QUICKNET, roundDue } from '../../../src/fairness/index.ts';
import type { ApiError } from '../../../src/kernel/index.ts';
import { poolState, ticketPool } from '../../../src/tickets/index.ts';
import { snapshotOf } from '../../support/snapshot.ts';

const SECOND = 1_000_000;
const NOW = (QUICKNET.genesisTime + 3_000_000) * SECOND;

interface Scene {
  readonly content?: { readonly entropy?: string; readonly drawAt?: number; readonly salesEnd?: number };
  readonly pool?: { readonly state?: number; readonly tickets?: number; readonly brand?: number };
  readonly order?: Partial<CloseOrder>;
  readonly status?: number;
}

/** Closes a pool at `NOW`. Returns what was decided, undefined for nothing, or the reason why it must not be. */
function close({ content, pool, order, status: of = status.active }: Scene): RaffleClosed | undefined | string {
  const { entropy = 'beacon', drawAt = 0, salesEnd = 0 } = content ?? {};
  const terms = { entropy, drawAt: BigInt(drawAt), salesEnd: BigInt(salesEnd) };
  const raffle = { code: 'summer', pool: 3, version: 1, definitionId: 2, content: terms } as unknown as Raffle;
  const rows = { state: poolState.open, tickets: 5, brand: 1, ...pool };
  const snapshot = snapshotOf(NOW, [ticketPool, rows], [definition, { status: of, version: 1 }]);
  try {
    const all = { raffle, entropy: '', source: '', brand: null, clock: NOW, ...order };
    return closing(QUICKNET).decide(all, snapshot)[0]?.data as RaffleClosed | undefined;
  } catch (error) {
    return (error as ApiError).reason;
  }
}
const roundOf = (scene: Scene): bigint => (close(scene) as RaffleClosed).beaconRound;
/** With the process's clock so many seconds ahead of the database's. */
const ahead = (seconds: number): Scene => ({ order: { clock: NOW + seconds * SECOND } });

test('a pool is closed only while its round is to come by both clocks', () => {
  const due = roundDue(QUICKNET, Number(roundOf({})));
  assert.equal(due - NOW, 2 * QUICKNET.period * SECOND);
  for (const seconds of [-3600, 1, 5.9]) assert.equal(roundOf(ahead(seconds)), roundOf({}));
  for (const seconds of [6, 60, 86_400]) assert.equal(close(ahead(seconds)), 'UNAVAILABLE');
  assert.equal(roundOf({ ...ahead(86_400), content: { entropy: 'none' } }), 0n);
});

test('without tickets no round is waited for', () => {
  assert.equal(roundOf({ pool: { tickets: 0 } }), 0n);
});

test('a pool that is closed keeps its round, also while the raffle is paused', () => {
  assert.equal(close({ pool: { state: poolState.closed } }), undefined);
  assert.equal(close({ pool: { state: poolState.closed }, status: status.paused }), undefined);
  assert.equal(close({ status: status.paused }), 'RAFFLE_NOT_ACTIVE');
});

test('a raffle is due from its time on, or where it has none, from the end of its sales', () => {
  for (const [drawAt, salesEnd, due] of [
    [NOW, 0, true],
    [NOW + 1, 0, false],
    [NOW + 1, NOW - 1, false],
    [0, NOW, true],
    [0, NOW + 1, false],
  ] as const)
    assert.equal(close({ content: { drawAt, salesEnd } }) === 'RAFFLE_NOT_DUE', !due, `${drawAt} ${salesEnd}`);
});

test('entropy is brought by the caller where the raffle says so, and only there', () => {
  for (const [entropy, brought, fits] of [
    ['caller', 'words', true],
    ['caller', '', false],
    ['beacon', 'words', false],
    ['none', 'words', false],
    ['none', '', true],
  ] as const)
    assert.equal(close({ content: { entropy }, order: { entropy: brought } }) !== 'INVALID_ARGUMENT', fits, entropy);
});

test('a key of one brand draws where players of that brand alone have tickets', () => {
  for (const [brand, sold, may] of [
    [null, -1, true],
    [1, 1, true],
    [1, 0, true],
    [1, 2, false],
    [1, -1, false],
  ] as const)
    assert.equal(close({ pool: { brand: sold }, order: { brand } }) !== 'PERMISSION_DENIED', may, `${brand} ${sold}`);
});
