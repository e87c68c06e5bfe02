import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { test } from 'vitest';
import { chainOf, contributionLeaf, nextLink } from '../../src/fairness/chain.ts';
import { Draw } from '../../src/fairness/draw.ts';
import {
  bindGacha,
  drawGacha,
  legendaryChance,
  readGacha,
  type GachaBox,
  type Tier,
} from '../../src/fairness/gacha.ts';
import { attemptsFor, bindHitRate, drawHits, readHitRate } from '../../src/fairness/hit-rate.ts';
import { bindPotEnd, drawEndTime, drawPoint, potEndDraw, potEndLeaf, type PotEnd } from '../../src/fairness/pot-end.ts';
import { bindRaffle, drawRaffle, readRaffle } from '../../src/fairness/raffle.ts';
import { bindTable, readTable } from '../../src/fairness/table.ts';
import { bindTrigger, drawTrigger, readTrigger } from '../../src/fairness/trigger.ts';
import { ApiError } from '../../src/kernel/index.ts';
import { banner, chest, gachaPrize, wheel } from './sample-configs.ts';

function drawAt(nonce: number): Draw {
  return new Draw({ serverSeed: 'ab'.repeat(32), clientSeed: 'recipes', nonce, sub: 0, configHash: '' });
}

test('the config of a table is the JSON that the design shows', () => {
  const table = { ...wheel, prizes: [{ label: 'big', asset: 'WINZ', amount: 1_500_000_000n, weight: 100 }] };
  const prize = '{"amount":"1500","asset":"WINZ","label":"big","weight":100}';
  assert.equal(bindTable(table).config, `{"guaranteed":[],"prizes":[${prize}],"rolls":1}`);
});

test('the config of a raffle is that of the design; one prize per player is part of it', () => {
  const pool = { poolHash: 'ab'.repeat(32), totalTickets: 10, winners: 1, onePerPlayer: false };
  const members = `"pool_hash":"${pool.poolHash}","total_tickets":10,"winners":1`;
  assert.equal(bindRaffle(pool).config, `{${members}}`);
  assert.equal(bindRaffle({ ...pool, onePerPlayer: true }).config, `{"one_per_player":true,${members}}`);
});

test('every config reads back as what was bound', () => {
  const pots = [{ id: 'mini', cost: 100_000n, n: 5 }];
  const pool = { poolHash: 'ab'.repeat(32), totalTickets: 10, winners: 1, onePerPlayer: true };
  assert.deepEqual(readTable(bindTable(chest).config), chest);
  assert.deepEqual(readGacha(bindGacha(banner).config), banner);
  assert.deepEqual(readHitRate(bindHitRate(pots).config), pots);
  assert.deepEqual(readRaffle(bindRaffle(pool).config), pool);
  for (const kind of ['value', 'time'] as const) {
    const range = { kind, from: 1_500_000n, to: 2_000_000n };
    assert.deepEqual(readTrigger(bindTrigger(range).config), range);
  }
});

test('the legendary chance rises evenly to its maximum and stays there', () => {
  const box = { ...banner, tier4Chance: 1, tier4ChanceMax: 100, tier4ChanceStop: 7 };
  const chances = Array.from({ length: 10 }, (_, misses) => legendaryChance(box, misses));
  assert.deepEqual(chances, [1, 15, 29, 43, 57, 71, 85, 100, 100, 100]);
  assert.equal(legendaryChance({ ...box, tier4ChanceStop: 0 }, 50), 1);
  const chance = fc.nat(100_000_000);
  const any = fc.record({ base: chance, rise: chance, stop: fc.integer({ min: 1, max: 1_000_000 }) });
  fc.assert(
    fc.property(any, fc.nat(2_000_000), ({ base, rise, stop }, misses) => {
      const exact = BigInt(base) + (BigInt(rise) * BigInt(Math.min(misses, stop))) / BigInt(stop);
      const curve = { ...banner, tier4Chance: base, tier4ChanceMax: base + rise, tier4ChanceStop: stop };
      assert.equal(legendaryChance(curve, misses), Number(exact));
    }),
  );
});

test('guarantees are never late, and counters count every prize', () => {
  const box: GachaBox = { ...banner, choicesShow: 100, tier3Guarantee: 4, tier4Guarantee: 9 };
  const bound = bindGacha(box);
  for (let nonce = 0; nonce < 200; nonce++) {
    const { slots, after } = drawGacha(drawAt(nonce), bound, { sinceTier3: 0, sinceTier4: 0 });
    const tiers = slots.map(({ tier }) => tier);
    const since = (least: Tier, end: number) => {
      return end - 1 - tiers.findLastIndex((tier, at) => at < end && tier >= least);
    };
    for (let end = 1; end <= tiers.length; end++) {
      assert.ok(since(3, end) <= 4);
      assert.ok(since(4, end) <= 9);
    }
    assert.deepEqual(after, { sinceTier3: since(3, 100), sinceTier4: since(4, 100) });
    for (const { tier, prize } of slots) assert.equal(box.prizes[prize]!.tier, tier);
  }
});

test('a tier without prizes falls down first, then up', () => {
  const slotsOf = (prizes: GachaBox['prizes'], tier4Chance: number) => {
    const box = { ...banner, prizes, tier4Chance, tier4ChanceMax: tier4Chance };
    return drawGacha(drawAt(1), bindGacha(box), { sinceTier3: 0, sinceTier4: 0 }).slots;
  };
  assert.ok(slotsOf([gachaPrize(1, 1), gachaPrize(2, 2)], 100_000_000).every(({ tier }) => tier === 2));
  const rare = { ...banner, prizes: [gachaPrize(1, 1), gachaPrize(2, 3)], tier2Chance: 100_000_000 };
  const common = { ...rare, tier3Chance: 0, tier3Guarantee: 0, tier4Chance: 0, tier4ChanceMax: 0, tier4Guarantee: 0 };
  const fallen = drawGacha(drawAt(1), bindGacha(common), { sinceTier3: 0, sinceTier4: 0 }).slots;
  assert.ok(fallen.every(({ tier }) => tier === 1));
  const upwards = { ...banner, tier2Chance: 0, tier3Chance: 0, tier3Guarantee: 0, tier4Guarantee: 0 };
  const box = { ...upwards, prizes: [gachaPrize(1, 4), gachaPrize(2, 3)], tier4Chance: 0, tier4ChanceMax: 0 };
  const { slots } = drawGacha(drawAt(1), bindGacha(box), { sinceTier3: 0, sinceTier4: 0 });
  assert.ok(slots.every(({ tier }) => tier === 3));
  assert.throws(() => slotsOf([], 0), RangeError);
});

test('attempts are an exact fraction, floored to millionths', () => {
  assert.deepEqual(attemptsFor(300_000n, 100_000n), { whole: 3n, millionths: 0 });
  assert.deepEqual(attemptsFor(100_000n, 300_000n), { whole: 0n, millionths: 333_333 });
  assert.deepEqual(attemptsFor(9n, 10_000_000n), { whole: 0n, millionths: 0 });
  assert.deepEqual(attemptsFor(1_999_999n, 2_000_000n), { whole: 0n, millionths: 999_999 });
});

test('a contribution buys at most 10,000 attempts over all pots', () => {
  const bound = bindHitRate([
    { id: 'a', cost: 1_000_000n, n: 1e9 },
    { id: 'b', cost: 1_000_000n, n: 1e9 },
  ]);
  const draw = drawAt(0);
  drawHits(draw, bound, [5_000_000_000n, 5_000_000_000n]);
  assert.equal(draw.wordsConsumed, 10_000);
  assert.throws(() => drawHits(draw, bound, [5_000_000_000n, 5_000_000_001n]), ApiError);
  assert.throws(() => drawHits(draw, bound, [2n ** 63n - 1n, 0n]), ApiError);
  assert.equal(draw.wordsConsumed, 10_000);
});

test('a trigger is within its range, and reaches both ends', () => {
  const bound = bindTrigger({ kind: 'time', from: 5n, to: 9n });
  const drawn = new Set(Array.from({ length: 200 }, (_, nonce) => drawTrigger(drawAt(nonce), bound)));
  assert.deepEqual(
    [...drawn].sort((a, b) => Number(a - b)),
    [5n, 6n, 7n, 8n, 9n],
  );
});

test('a hidden end is within its range, and reaches both ends', () => {
  const seeds = Array.from({ length: 200 }, (_, n) => n.toString(16).padStart(64, '0'));
  const drawn = new Set(seeds.map((seed) => drawEndTime(seed, { from: 5, to: 9 })));
  assert.deepEqual(
    [...drawn].toSorted((a, b) => a - b),
    [5, 6, 7, 8, 9],
  );
  assert.equal(drawEndTime(seeds[0]!, { from: 5, to: 5 }), 5);
});

test("the draw at a pot's end depends on the chain, the pot, the cycle and the sum", () => {
  const end: PotEnd = { end: 'time', pot: 'grand', cycle: 3, sum: 10n ** 15n, hidden: null };
  const point = (chain: string, change: Partial<PotEnd> = {}): bigint => {
    const bound = bindPotEnd({ ...end, ...change });
    return drawPoint(potEndDraw('ab'.repeat(32), chain.repeat(64), bound), bound);
  };
  const points = [
    point('0'),
    point('1'),
    point('0', { pot: 'mini' }),
    point('0', { cycle: 4 }),
    point('0', { sum: 9n }),
  ];
  assert.equal(new Set(points).size, points.length);
});

test('a chain runs over all that was drawn from, in order', () => {
  const sha = (bytes: string | Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
  const leaf = contributionLeaf('own\nbrought', 'ab'.repeat(16), 5n);
  assert.deepEqual(leaf, sha(`own\nbrought\n${'ab'.repeat(16)}\n5`));
  const end = potEndLeaf({ end: 'final', pot: 'grand', cycle: 3, sum: 9n, hidden: null });
  assert.deepEqual(end, sha('windfall/end\ngrand\n3\nfinal\n9'));
  const first = nextLink(chainOf({ chain: '' }), leaf);
  assert.equal(first, sha(Buffer.concat([Buffer.alloc(32), leaf])).toString('hex'));
  assert.equal(nextLink(first, end), sha(Buffer.concat([Buffer.from(first, 'hex'), end])).toString('hex'));
});

test('no ticket wins twice, and winners stop where tickets do', () => {
  const pool = { poolHash: '', totalTickets: 30, winners: 40, onePerPlayer: false };
  const winners = drawRaffle(drawAt(3), bindRaffle(pool), (ticket) => [{ firstTicket: ticket, count: 1 }]);
  assert.deepEqual(
    winners.toSorted((a, b) => a - b),
    Array.from({ length: 30 }, (_, ticket) => ticket),
  );
});
