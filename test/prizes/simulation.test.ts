import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { PlayTable } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { formatDecimal, parseDecimal } from '../../src/kernel/index.ts';
import { bindPlayTable, drawPlays, expectedValue, prizeTable, Stock } from '../../src/prizes/index.ts';
import { simulate, worstCase } from '../../src/prizes/simulation/run.ts';
import { Spread } from '../../src/prizes/simulation/spread.ts';
import { prizeOf, rewardOf, tableOf } from './table.ts';

const UNIT = 1_000_000n;
const winz = (units: number) => rewardOf('asset', { asset: 'WINZ', amount: BigInt(units) * UNIT });
const BOX: PlayTable = tableOf({
  priceAsset: 'WINZ',
  price: 10n * UNIT,
  rolls: 2,
  prizes: [
    prizeOf('blank', 50n),
    prizeOf('some', 30n, { reward: winz(3) }),
    prizeOf('gem', 15n, { reward: rewardOf('asset', { asset: 'GEMS', amount: UNIT / 2n }) }),
    prizeOf('rare', 5n, { reward: winz(50), stock: 20n, fallback: 'some' }),
  ],
  guaranteed: [prizeOf('gift', 0n, { reward: winz(1) })],
});
const run = (content: PlayTable, plays: number, runs = 1, seed = randomBytes(32).toString('hex')) =>
  simulate({ content, plays, runs, seed }, () => undefined);

describe('a simulation', () => {
  test('follows the exact odds within five sigma', async (t) => {
    const { prizes } = run(BOX, 200_000);
    for (const { segment_label: label, sigmas } of prizes.map((one) => ({ ...one, segment_label: one.segmentLabel }))) {
      await t.annotate(`${label}: ${sigmas.toFixed(2)} sigma`);
      assert.ok(Math.abs(sigmas) < 5, label);
    }
    assert.equal(
      prizes.reduce((sum, { drawn }) => sum + drawn, 0),
      400_000,
    );
    assert.deepEqual(
      prizes.map(({ expected }) => expected),
      [200_000, 120_000, 60_000, 20_000],
    );
  });

  test('pays on average what the exact odds say', async (t) => {
    const plays = 200_000;
    const content = { ...BOX, prizes: BOX.prizes.map((prize) => ({ ...prize, stock: undefined, fallback: '' })) };
    const { assets } = run(content, plays);
    const winzAsset = assets.find(({ asset }) => asset === 'WINZ')!;
    const mean = Number(winzAsset.paid) / plays;
    const exact = Number(expectedValue(prizeTable(content)).get('WINZ')!) / 1e6;
    // The variance of one roll, by the definition; a play has two.
    const variance = 2 * (0.3 * 9 + 0.05 * 2500 - (0.3 * 3 + 0.05 * 50) ** 2);
    const sigmas = (mean - exact) / Math.sqrt(variance / plays);
    await t.annotate(`${mean} instead of ${exact}: ${sigmas.toFixed(2)} sigma`);
    assert.ok(Math.abs(sigmas) < 5);
    assert.equal(winzAsset.rtp!.toFixed(9), (mean / 10).toFixed(9));
  });

  test('gives exactly what live plays under its seed give, with the same stock', () => {
    const seed = '7a'.repeat(32);
    const codes = ['GEMS', 'WINZ'];
    const game = bindPlayTable({ definitionId: 1, code: 'box', version: 1, versionId: 2, content: BOX }, (code) =>
      codes.indexOf(code),
    );
    const stock = new Stock(new Map());
    const plays = [0, 1, 2].flatMap(
      (nonce) => drawPlays(game, { serverSeed: seed, clientSeed: '', nonce }, nonce === 2 ? 500 : 1000, stock).plays,
    );
    const sums = codes.map((_, asset) =>
      plays
        .flatMap(({ rewards }) => rewards)
        .filter((one) => one.kind === 1 && Number(one.asset) === asset)
        .reduce((sum, { amount }) => sum + amount, 0n),
    );
    const { assets, prizes } = run(BOX, 2500, 1, seed);
    assert.deepEqual(
      assets.map(({ asset, paid }) => [asset, paid]),
      codes.map((asset, i) => [asset, formatDecimal(sums[i]!)]),
    );
    const given = (label: string) =>
      plays.flatMap(({ rewards }) => rewards).filter((one) => one.label === label).length;
    assert.deepEqual(
      prizes.map((one) => [one.segmentLabel, one.given]),
      BOX.prizes.map(({ label }) => [label, given(label)]),
    );
  });

  test('begins each run with the whole stock, and counts what is sold out', () => {
    const { prizes, assets } = run(BOX, 5000, 4);
    const rare = prizes[3]!;
    assert.equal(rare.given, 4 * 20);
    assert.equal(rare.soldOut, rare.drawn - 80);
    assert.equal(prizes[1]!.given, prizes[1]!.drawn + rare.soldOut);
    const { run: spread, worstCase: worst, price } = assets[1]!;
    assert.ok(spread !== undefined);
    assert.ok(parseDecimal(spread.least)! <= parseDecimal(spread.p50)!);
    assert.ok(parseDecimal(spread.most)! <= parseDecimal(worst)!);
    assert.equal(worst, String(20 * 50 + (10_000 - 20) * 3 + 5000));
    assert.equal(price, '200000');
  });

  test('with the same seed it gives the same again', () => {
    const seed = '01'.repeat(32);
    assert.deepEqual(run(BOX, 1500, 2, seed), run(BOX, 1500, 2, seed));
  });

  test('draws anew in each run', () => {
    const seed = '01'.repeat(32);
    const drawn = (runs: number): number[] => run(BOX, 500, runs, seed).prizes.map((prize) => prize.drawn);
    assert.notDeepEqual(
      drawn(2),
      drawn(1).map((count) => 2 * count),
    );
  });

  test('of guaranteed rewards alone it draws nothing', () => {
    const { assets, prizes } = run(tableOf({ guaranteed: [prizeOf('gift', 0n, { reward: winz(2) })] }), 10);
    assert.deepEqual(prizes, []);
    assert.deepEqual([assets[0]!.paid, assets[0]!.play!.p50, assets[0]!.rtp], ['20', '2', undefined]);
  });
});

test('no run pays more than the worst case, and the worst case can be drawn', () => {
  const prizes = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 9 }), fc.option(fc.bigInt({ min: 0n, max: 3n }), { nil: undefined })),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(prizes, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }), (drawn, rolls, plays) => {
      const content = tableOf({
        rolls,
        prizes: drawn.map(([units, stock], i) => prizeOf(`p${i}`, 1n, { reward: winz(units), stock })),
      });
      const most = worstCase(content, 'WINZ', plays);
      // Every roll of the best prize that is left, tried out.
      const stocks = drawn.map(([, stock]) => stock ?? 99n);
      let best = 0n;
      for (let roll = 0; roll < rolls * plays; roll++) {
        const left = drawn.map(([units], i) => (stocks[i]! > 0n ? units : -1));
        const at = left.indexOf(Math.max(...left));
        if (left[at]! < 0) break;
        stocks[at]! -= 1n;
        best += BigInt(left[at]!) * UNIT;
      }
      assert.equal(most, best);
      assert.ok(parseDecimal(run(content, plays).assets[0]!.paid)! <= most);
    }),
  );
});

describe('a spread', () => {
  test('has the percentiles of its sorted amounts', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 50n }), { minLength: 1, maxLength: 300 }), (amounts) => {
        const spread = new Spread();
        for (const amount of amounts) spread.add(amount * UNIT);
        const sorted = amounts.toSorted((a, b) => (a < b ? -1 : 1));
        const at = (share: number): string => String(sorted[Math.ceil((share * sorted.length) / 1000) - 1]!);
        const { least, most, p50, p90, p99, p999 } = spread.message();
        assert.deepEqual([least, p50, p90, p99, p999, most], [at(1), at(500), at(900), at(990), at(999), at(1000)]);
      }),
    );
  });

  test('of very many amounts is rounded down, and stays small', () => {
    const spread = new Spread();
    for (let n = 0n; n < 150_000n; n++) spread.add(n);
    const { p50, least, most, mean } = spread.message();
    assert.deepEqual([p50, least, most, mean], ['0.07499', '0', '0.149999', '0.074999']);
  });
});
