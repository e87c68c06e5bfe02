import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import type { PlayTable, TablePrize } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { accountId } from '../../src/journal/index.ts';
import { rewardKind } from '../../src/rewards/index.ts';
import { bindPlayTable, drawPlays, paymentOf, paymentTransfers, Stock, winTransfers } from '../../src/prizes/index.ts';
import { prizeStock, remainingOf, takeStock, wonOf } from '../../src/prizes/stock.ts';
import { prizeOf, rewardOf, tableOf } from './table.ts';

const ASSETS = ['WINZ', 'EUR', 'GEMS'];
const [PRICE, FREE] = ['USD', 'FREE'];
const assetNo = (code: string): number => [...ASSETS, PRICE, FREE].indexOf(code);
const SEED = 'ab'.repeat(32);
const UNIT = 1_000_000n;

const units = (min: number, max: number): fc.Arbitrary<bigint> => fc.integer({ min, max }).map((n) => BigInt(n) * UNIT);
const rewards: fc.Arbitrary<TablePrize['reward']> = fc.oneof(
  fc
    .record({ asset: fc.constantFrom(...ASSETS), amount: units(1, 10 ** 9) })
    .map((values) => rewardOf('asset', values)),
  fc.constantFrom(
    rewardOf('item', { item: 'sword', quantity: 2n }),
    rewardOf('physical', { item: 'mug', quantity: 1n }),
  ),
  fc.constant(undefined),
);
const stocks = fc.option(fc.bigInt({ min: 0n, max: 5n }), { nil: undefined });
const prizes = fc.array(fc.tuple(rewards, fc.bigInt({ min: 1n, max: 10n ** 6n }), stocks), {
  minLength: 1,
  maxLength: 20,
});

/** Prizes with and without stock; those with stock fall back on the first one without, if there is one. */
const tables: fc.Arbitrary<PlayTable> = fc
  .record({ prizes, guaranteed: fc.array(rewards, { maxLength: 5 }), rolls: fc.integer({ min: 1, max: 20 }) })
  .chain((drawn) =>
    fc.record({ drawn: fc.constant(drawn), priced: fc.boolean(), free: fc.boolean(), falls: fc.boolean() }),
  )
  .map(({ drawn, priced, free, falls }) => {
    const plain = drawn.prizes.findIndex(([, , stock]) => stock === undefined);
    return tableOf({
      rolls: drawn.rolls,
      ...(priced ? { priceAsset: PRICE, price: 10n * UNIT } : {}),
      ...(priced && free ? { freeAsset: FREE } : {}),
      guaranteed: drawn.guaranteed.map((reward, i) => prizeOf(`g${i}`, 0n, { reward })),
      prizes: drawn.prizes.map(([reward, weight, stock], i) =>
        prizeOf(`p${i}`, weight, {
          reward,
          stock,
          fallback: stock !== undefined && falls && plain >= 0 ? `p${plain}` : '',
        }),
      ),
    });
  });
const inputs = fc.record({
  content: tables,
  count: fc.integer({ min: 1, max: 10 }),
  nonce: fc.nat(),
  clientSeed: fc.constantFrom('', 'words'),
  balance: fc.bigInt({ min: 0n, max: 12n * UNIT }),
  won: fc.bigInt({ min: 0n, max: 4n }),
});
type Input = typeof inputs extends fc.Arbitrary<infer T> ? T : never;

function play({ content, count, nonce, clientSeed, balance, won }: Input) {
  const game = bindPlayTable({ definitionId: 1, code: 'box', version: 1, versionId: 2, content }, assetNo);
  const before = new Map(content.prizes.map(({ label }) => [label, Number(won)]));
  const stock = new Stock(before);
  const { plays, grants } = drawPlays(game, { serverSeed: SEED, clientSeed, nonce }, count, stock);
  const payment = paymentOf(game, balance, count);
  return {
    game,
    before,
    stock,
    plays,
    grants,
    payment,
    transfers: [...paymentTransfers(game, 7, payment), ...winTransfers(game, 7, plays)],
  };
}

test('transfers pay exactly what was given, after free units and the price of the other plays', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { game, plays, grants, payment, transfers } = play(input);
      const { price, priceAsset, freeAsset } = input.content;
      const own = (code: string): number => accountId('player', 7, assetNo(code));
      const free =
        freeAsset === '' ? 0n : input.balance / UNIT < input.count ? input.balance / UNIT : BigInt(input.count);
      assert.equal(BigInt(payment.freePlays), free);
      const debits = [
        [FREE, free * UNIT],
        [PRICE, priceAsset === '' ? 0n : price * (BigInt(input.count) - free)],
      ] as const;
      const paid = debits
        .filter(([, amount]) => amount > 0n)
        .map(([code, amount]) => ({
          amount,
          from: own(code),
          to: accountId('operator', 0, assetNo(code)),
        }));
      assert.deepEqual(transfers.slice(0, paid.length), paid);
      const handedOut = plays.flatMap((one) => one.rewards).filter(({ kind }) => kind > rewardKind.asset);
      assert.deepEqual(
        grants.map(({ item }) => item),
        handedOut.map(({ item }) => item),
      );
      assert.ok(grants.length <= game.most.grants * input.count);
      const credits = transfers.slice(paid.length);
      for (const code of ASSETS) {
        const given = plays.flatMap((one) => one.rewards).filter((one) => one.kind === rewardKind.asset);
        const sum = given
          .filter(({ asset }) => Number(asset) === assetNo(code))
          .reduce((total, { amount }) => total + amount, 0n);
        const credited = credits.filter(({ to }) => to === own(code));
        assert.equal(
          credited.reduce((total, { amount }) => total + amount, 0n),
          sum,
        );
        assert.ok(credited.length <= 1 && credited.every(({ amount }) => amount > 0n));
        assert.ok(sum <= (game.most.amounts.get(assetNo(code)) ?? 0n) * BigInt(input.count));
      }
    }),
  );
});

test('a prize is given while its stock lasts, then its fallback, and the rolls are the same', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { before, plays, stock } = play(input);
      const { content } = input;
      const left = new Map(content.prizes.map(({ label, stock: most }) => [label, most]));
      const taken = new Map<string, bigint>();
      for (const { rolls, rewards: given } of plays) {
        assert.equal(rolls.length, content.rolls);
        rolls.forEach((index, roll) => {
          const { label, fallback } = content.prizes[index]!;
          const { label: got, soldOut, kind } = given[roll]!;
          const most = left.get(label);
          if (most === undefined || BigInt(before.get(label)!) + (taken.get(label) ?? 0n) < most) {
            assert.deepEqual([got, soldOut], [label, '']);
            if (most !== undefined) taken.set(label, (taken.get(label) ?? 0n) + 1n);
          } else {
            assert.deepEqual([got, soldOut], [fallback || label, label]);
            assert.ok(fallback !== '' || kind === 0);
          }
        });
        assert.deepEqual(
          given.slice(rolls.length).map(({ label }) => label),
          content.guaranteed.map(({ label }) => label),
        );
      }
      assert.deepEqual(new Map(stock.taken.map(({ label, count }) => [label, count])), taken);
      const plenty = play({ ...input, won: -1000n });
      assert.deepEqual(
        plenty.plays.map(({ rolls }) => rolls),
        plays.map(({ rolls }) => rolls),
      );
    }),
  );
});

test('what is left of a stock is never below zero, also where it was lowered below what was won', () => {
  const content = tableOf({ prizes: [prizeOf('a', 1n, { stock: 5n }), prizeOf('b', 1n)] });
  const left = (won: number): unknown => remainingOf(content, new Map([['a', won]]));
  assert.deepEqual(
    [left(4), left(5), left(6)],
    [
      [1, undefined],
      [0, undefined],
      [0, undefined],
    ],
  );
});

test('what was won is counted on', () => {
  const row = prizeStock.blank(5);
  takeStock(row, [{ label: 'a', count: 2n }]);
  takeStock(row, [
    { label: 'a', count: 1n },
    { label: 'b', count: 1n },
  ]);
  assert.deepEqual(
    wonOf(row),
    new Map([
      ['a', 3],
      ['b', 1],
    ]),
  );
});

test('a play of a count is the same draw whatever the count', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      assert.deepEqual(play({ ...input, count: 1 }).plays[0], play(input).plays[0]);
    }),
  );
});

test('another client seed, nonce or table is another draw', () => {
  const one = (n: bigint): TablePrize =>
    prizeOf(String(n), n, { reward: rewardOf('asset', { asset: 'WINZ', amount: n * UNIT }) });
  const content = tableOf({ rolls: 20, prizes: [1n, 2n, 3n, 4n].map(one) });
  const rolls = (change: Partial<Input>): string =>
    play({ content, count: 1, nonce: 0, clientSeed: '', balance: 0n, won: 0n, ...change }).plays[0]!.rolls.join();
  const stocked = { ...content, prizes: content.prizes.map((prize) => ({ ...prize, stock: 1n })) };
  const all = [
    {},
    { nonce: 1 },
    { clientSeed: 'words' as const },
    { content: { ...content, guaranteed: [one(0n)] } },
    { content: stocked },
  ];
  assert.equal(new Set(all.map(rolls)).size, all.length);
});
