import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { PlayerLimit, PlayerLimits } from '../../gen/ts/windfall/facts/v1/player.ts';
import type { PlayTable } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { definition } from '../../src/catalogue/index.ts';
import { lootboxOpened, opening } from '../../src/engines/lootbox/operations/open-lootbox.ts';
import { MasterKeys, seedStream, serverSeed, serverSeedHash, streamId } from '../../src/fairness/index.ts';
import { account, accountId } from '../../src/journal/index.ts';
import { MICROS_MAX } from '../../src/kernel/index.ts';
import { guard } from '../../src/players/index.ts';
import { bindPlayTable } from '../../src/prizes/index.ts';
import { decideAlone, NOW, wordOf, type Stored } from '../journal/alone.ts';
import { prizeOf, rewardOf, tableOf } from './table.ts';

const UNIT = 1_000_000n;
const PLAYER = 9;
const STREAM = streamId('player', PLAYER);
const NAME = `player/${'ab'.repeat(16)}`;
const ASSETS: Readonly<Record<string, number>> = { WINZ: 0, USD: 1, FREE: 2 };
const [WINZ, USD, FREE] = [0, 1, 2].map((asset) => accountId('player', PLAYER, asset)) as [number, number, number];
const keys = new MasterKeys([['1', Buffer.alloc(32, 7)]], '1');
const open = opening(keys);

/** Pays 3 WINZ for each open. */
const PRIZES = { prizes: [prizeOf('a', 1n, { reward: rewardOf('asset', { asset: 'WINZ', amount: 3n * UNIT }) })] };
const bound = (more: Partial<PlayTable> = {}, version = 1) =>
  bindPlayTable(
    { definitionId: 1, code: 'box', version, versionId: 2, content: tableOf({ ...PRIZES, ...more }) },
    (code) => ASSETS[code]!,
  );
const request = (more: object = {}) => ({
  game: bound(),
  counter: 0,
  player: PLAYER,
  count: 1,
  clientSeed: 'c',
  expectedSeedHash: '',
  expectedConfigHash: '',
  playerHash: 'ab'.repeat(16),
  ...more,
});

/** An active box in version 1, and a player with a stream of seeds. */
const ROWS: readonly Stored[] = [
  [definition, { id: 1, code: 'lootbox/box', status: 2, version: 1, versionId: 2 }],
  [seedStream, { id: STREAM, name: NAME, keyId: '1', position: 5, movedAt: NOW - 1000, clientSeed: 'own' }],
];
const holding = (...balances: readonly (readonly [number, bigint])[]): Stored[] =>
  balances.map(([id, balance]) => [account, { id, balance }]);
const on = (more: object = {}, rows: readonly Stored[] = [], count = 1) =>
  decideAlone(
    open,
    Array.from({ length: count }, () => request(more)),
    { rows: [...ROWS, ...rows] },
  );
const said = (more: object = {}, rows: readonly Stored[] = []): string => wordOf(on(more, rows).outcomes[0]!);

describe('an open', () => {
  test('pays its prize under the next seed, and leaves the one after it', () => {
    const { entries, state } = on();
    const [{ fact }] = entries as [(typeof entries)[0]];
    assert.equal(fact.kind, lootboxOpened);
    assert.deepEqual(fact.transfers, [{ from: accountId('operator', 0, 0), to: WINZ, amount: 3n * UNIT }]);
    assert.deepEqual([fact.data.draw.position, fact.data.draw.ownSeed, fact.data.draw.requestSeed], [5n, 'own', 'c']);
    assert.equal(state.row(seedStream, STREAM).position, 6);
    assert.equal(state.row(account, WINZ).balance, 3n * UNIT);
  });

  test('is made with the version in force alone', () => {
    assert.equal(said({ game: bound({}, 2) }), 'stale');
    assert.equal(said({ game: bound({}, 0) }), 'stale');
  });

  for (const [status, number] of Object.entries({ draft: 1, paused: 3, archived: 4 })) {
    test(`is refused where the box is ${status}, whatever its version`, () => {
      const rows: Stored[] = [[definition, { id: 1, status: number, version: 2, versionId: 2 }]];
      const { outcomes, state } = on({}, rows);
      assert.equal(wordOf(outcomes[0]!), 'LOOTBOX_NOT_ACTIVE');
      assert.equal(state.row(seedStream, STREAM).position, 5, 'it uses no seed');
    });
  }

  test('costs what its price is, in an asset that it need not pay', () => {
    const game = bound({ priceAsset: 'USD', price: 2n * UNIT });
    const { entries, state } = on({ game, count: 3 }, holding([USD, 7n * UNIT]));
    assert.equal(state.row(account, USD).balance, UNIT);
    assert.equal(state.row(account, WINZ).balance, 9n * UNIT);
    assert.deepEqual([entries[0]!.fact.data.price, entries[0]!.fact.data.plays.length], [6n * UNIT, 3]);
    assert.equal(said({ game, count: 3 }, holding([USD, 6n * UNIT - 1n])), 'INSUFFICIENT_BALANCE');
    assert.equal(said({ game, count: 3 }, holding([USD, 6n * UNIT])), 'done');
  });

  test('cannot be paid with what it wins', () => {
    const game = bound({ priceAsset: 'WINZ', price: 2n * UNIT });
    assert.equal(said({ game }, holding([WINZ, 2n * UNIT - 1n])), 'INSUFFICIENT_BALANCE');
    assert.equal(on({ game }, holding([WINZ, 2n * UNIT])).state.row(account, WINZ).balance, 3n * UNIT);
  });

  test('uses whole free units first, and pays for the others', () => {
    const game = bound({ priceAsset: 'USD', price: 2n * UNIT, freeAsset: 'FREE' });
    const { entries, state } = on({ game, count: 3 }, holding([FREE, 2n * UNIT - 1n], [USD, 9n * UNIT]));
    assert.deepEqual([state.row(account, FREE).balance, state.row(account, USD).balance], [UNIT - 1n, 5n * UNIT]);
    assert.deepEqual([entries[0]!.fact.data.freePlays, entries[0]!.fact.data.price], [1n, 4n * UNIT]);
    const all = on({ game, count: 3 }, holding([FREE, 5n * UNIT]));
    assert.equal(all.state.row(account, FREE).balance, 2n * UNIT);
  });

  test('has room for the largest prize of all rolls before it is drawn, to the micro-unit', () => {
    const rare = prizeOf('b', 1n, { reward: rewardOf('asset', { asset: 'WINZ', amount: 9n * UNIT }) });
    // It is never drawn here, but could be.
    const game = bound({ prizes: [{ ...PRIZES.prizes[0]!, weight: 2n ** 52n }, rare] });
    const room = (left: bigint) => on({ game, count: 2 }, holding([WINZ, MICROS_MAX - left]));
    const { outcomes, state } = room(18n * UNIT);
    assert.equal(wordOf(outcomes[0]!), 'done');
    assert.equal(state.row(account, WINZ).balance, MICROS_MAX - 12n * UNIT);
    const none = room(18n * UNIT - 1n);
    assert.equal(wordOf(none.outcomes[0]!), 'BALANCE_OUT_OF_RANGE');
    assert.equal(none.state.row(seedStream, STREAM).position, 5);
  });

  test('is possible from the first microsecond of its window, and no longer at its end', () => {
    const window = (startAt: number, endAt: number): string =>
      said({ game: bound({ startAt: BigInt(startAt), endAt: BigInt(endAt) }) });
    assert.equal(window(NOW, NOW + 1), 'done');
    assert.equal(window(NOW + 1, NOW + 2), 'OUTSIDE_WINDOW');
    assert.equal(window(0, NOW), 'OUTSIDE_WINDOW');
    assert.equal(window(NOW, 0), 'done');
  });

  test('is refused for another seed or table than the caller expects, and uses none', () => {
    const hashOf = (position: number): string => serverSeedHash(serverSeed(keys.key('1'), `${NAME}-1`, position));
    assert.equal(said({ expectedSeedHash: hashOf(5) }), 'done');
    assert.equal(said({ expectedSeedHash: hashOf(6) }), 'SEED_HASH_MISMATCH');
    assert.equal(said({ expectedConfigHash: bound().table.configHash }), 'done');
    assert.equal(said({ expectedConfigHash: hashOf(5) }), 'CONFIG_HASH_MISMATCH');
  });

  test('is refused to a player who is excluded, until the microsecond at which that ends', () => {
    const excluded = (until: number): string => said({}, [[guard, { id: PLAYER, exclusion: 1, excludedUntil: until }]]);
    assert.equal(excluded(NOW + 1), 'PLAYER_EXCLUDED');
    assert.equal(excluded(NOW), 'done');
  });

  test('counts towards the limit of the player as often as it opens', () => {
    const limit = PlayerLimit.fromPartial({ kind: 2, period: 1, amount: 2n });
    const limits = PlayerLimits.encode({ limits: [limit] }).finish();
    const limited = (count: number): string => said({ count }, [[guard, { id: PLAYER, limits }]]);
    assert.deepEqual([limited(2), limited(3)], ['done', 'LIMIT_REACHED']);
  });

  test('uses no seed whose hash nobody could read before its transaction: at most 17 of one stream', () => {
    const { outcomes, entries, state } = on({}, [], 20);
    assert.deepEqual(outcomes.map(wordOf), [...Array<string>(17).fill('done'), 'later', 'later', 'later']);
    assert.deepEqual(
      entries.map(({ fact }) => Number(fact.data.draw.position)),
      Array.from({ length: 17 }, (_, i) => 5 + i),
    );
    for (const { fact } of entries) assert.equal(Number(fact.data.draw.readableSince), NOW - 1000);
    assert.equal(state.row(seedStream, STREAM).movedAt, NOW);
  });
});
