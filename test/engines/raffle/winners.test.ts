import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { RaffleDrawn } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import { definition, status } from '../../../src/catalogue/entities.ts';
import { raffles, type Raffle } from '../../../src/engines/raffle/definition.ts';
import { boundOf, drawing, type FoundWinners } from '../../../src/engines/raffle/draw.ts';
import { seedStream } from '../../../src/fairness/index.ts';
import { account, accountId } from '../../../src/journal/index.ts';
import { MICROS_MAX } from '../../../src/kernel/index.ts';
import { guard, player as players } from '../../../src/players/index.ts';
import { rewardKind, type BoundReward } from '../../../src/rewards/index.ts';
import { poolState, ticketPool, type PoolRow } from '../../../src/tickets/index.ts';
import { snapshotOf } from '../../support/snapshot.ts';

const [POOL, PLAYER, ASSET, NOW] = [3, 7, 1, 1_800_000_000_000_000];
const nothing = { asset: '', amount: 0n, item: '', quantity: 0n, expiresAfterSeconds: 0n, assetNo: 0 };
const amountOf = (amount: bigint): BoundReward => ({
  ...nothing,
  kind: rewardKind.asset,
  asset: 'WINZ',
  assetNo: ASSET,
  amount,
});
const hat: BoundReward = { ...nothing, kind: rewardKind.item, item: 'hat', quantity: 1n };

/** Draws prizes, all of which one player wins. @param grants how many the player has had. */
function draw(rewards: readonly BoundReward[], grants = 0) {
  const prizes = rewards.map((reward) => ({ reward, winners: 1 }));
  const content = { entropy: 'none', onePerPlayer: false, prizes, drawAt: 0n, salesEnd: 0n };
  const name = { code: 'summer', definitionId: 2, version: 1, versionId: 4 };
  const raffle = { ...name, content, pool: POOL, rewards, ticketAssets: [] } as unknown as Raffle;
  const pool = { state: poolState.closed, tickets: 9, brand: 1, poolHash: '', beaconChain: '', entropySource: '' };
  const stream = { name: `raffle/${'0'.repeat(32)}`, keyId: '1', position: 0, tx: 0, movedAt: 1 };
  const snapshot = snapshotOf(
    NOW,
    [definition, { status: status.active, version: 1 }],
    [ticketPool, { ...pool, beaconRound: 0, closedAt: 1 }],
    [seedStream, stream],
    [account, { balance: 0n }],
    [guard, { grants }],
    [players, { id: PLAYER, brandId: 1 }],
  );
  const { configHash } = boundOf(raffle, pool as unknown as PoolRow);
  const winners = rewards.map((_, ticket) => ({ ticket, player: PLAYER, playerHash: 'ab'.repeat(16) }));
  const drawn = { configHash, winners, streamName: `${stream.name}-1` };
  const found: FoundWinners = { ...drawn, seedHash: '', seed: '', beacon: null, words: 1 };
  const order = { raffle, found, entropy: '', source: '', brand: null };
  const [{ data, transfers }] = drawing.decide(order, snapshot) as unknown as [{ data: RaffleDrawn; transfers: any }];
  return { withheld: data.winners.map((one) => one.withheld), granted: data.granted.length, transfers };
}

test('a winner of several prizes gets what the balance can hold, to the micro-unit; the rest stays in escrow', () => {
  const [house, own] = [accountId('operator', 0, ASSET), accountId('player', PLAYER, ASSET)];
  const first = { from: house, to: own, amount: MICROS_MAX - 5n };
  const full = draw([amountOf(MICROS_MAX - 5n), amountOf(5n)]);
  assert.deepEqual(full.withheld, [false, false]);
  assert.deepEqual(full.transfers, [first, { from: house, to: own, amount: 5n }]);
  const beyond = draw([amountOf(MICROS_MAX - 5n), amountOf(6n)]);
  assert.deepEqual(beyond.withheld, [false, true]);
  assert.deepEqual(beyond.transfers, [first, { from: house, to: accountId('escrow', POOL, ASSET), amount: 6n }]);
});

test('a winner of several items gets as many grants as there are numbers for', () => {
  const { withheld, granted } = draw([hat, hat], 2 ** 20 - 2);
  assert.deepEqual(withheld, [false, true]);
  assert.equal(granted, 1);
});

test('prizes are won in their order, each as often as it has winners', () => {
  const prizes = [5n, 3n].map((amount, i) => ({ reward: amountOf(amount), winners: 2 - i }));
  const content = { prizes, ticketAsset: 'WINZ', ticketCost: 0n, freeAsset: '', pool: 3n };
  const name = { code: 'summer', definitionId: 2, version: 1, versionId: 4 };
  const { rewards } = raffles.bind({ ...name, content } as never, { assetNo: () => ASSET } as never);
  assert.deepEqual(
    rewards.map(({ amount }) => amount),
    [5n, 5n, 3n],
  );
});
