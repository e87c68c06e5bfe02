import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import fc from 'fast-check';

import { test } from 'vitest';
import { cumulate, Draw, isClientSeed, type DrawInputs } from '../../src/fairness/draw.ts';
import { HmacKey } from '../../src/fairness/hmac.ts';
import { reduce, reduceBigint } from '../../src/fairness/uniform.ts';

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const ascii = fc.stringMatching(/^[ -~]{0,64}$/);
const anyInputs: fc.Arbitrary<DrawInputs & { serverSeed: string }> = fc.record({
  serverSeed: hash,
  clientSeed: ascii,
  nonce: fc.maxSafeNat(),
  sub: fc.nat(99),
  configHash: hash,
});
const high = 2 ** 32 - 1;
/** Halves of words, the rejected ones at the top among them. */
const half = fc.oneof(fc.integer({ min: 0, max: high }), fc.integer({ min: high - 3, max: high }));
const sizes = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 2 ** 32 - 5, max: 2 ** 32 + 5 }),
  fc.integer({ min: 2 ** 31, max: 2 ** 32 }),
  fc.integer({ min: 2 ** 32, max: 2 ** 42 }),
  fc.maxSafeNat().map((n) => n + 1),
);

test('words are the quarters of HMAC(seed, client:nonce:sub:config:i)', () => {
  fc.assert(
    fc.property(anyInputs, (inputs) => {
      const draw = new Draw(inputs);
      const { serverSeed, clientSeed, nonce, sub, configHash } = inputs;
      for (let i = 0; i < 3; i++) {
        const mac = createHmac('sha256', Buffer.from(serverSeed, 'hex'));
        const block = mac.update(`${clientSeed}:${nonce}:${sub}:${configHash}:${i}`).digest();
        for (let at = 0; at < 32; at += 8) assert.equal(draw.word(), block.readBigUInt64BE(at));
      }
      assert.equal(draw.wordsConsumed, 12);
    }),
  );
});

test('a prepared key draws the same as the seed', () => {
  fc.assert(
    fc.property(anyInputs, (inputs) => {
      const prepared = new Draw({ ...inputs, serverSeed: HmacKey.fromHex(inputs.serverSeed) });
      assert.equal(prepared.word(), new Draw(inputs).word());
    }),
  );
});

test('the path without bigint reduces and rejects as the one with it', () => {
  fc.assert(
    fc.property(half, half, sizes, (upper, lower, n) => {
      const word = (BigInt(upper) << 32n) | BigInt(lower);
      const expected = reduceBigint(word, BigInt(n));
      assert.equal(reduce(upper, lower, n), expected === undefined ? undefined : Number(expected));
    }),
    { numRuns: 20_000 },
  );
});

test('what is accepted is a whole multiple of the range, so that no outcome is favoured', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n }), (n) => {
      const limit = (2n ** 64n / n) * n;
      assert.equal(reduceBigint(limit - 1n, n), n - 1n);
      if (limit < 2n ** 64n) assert.equal(reduceBigint(limit, n), undefined);
    }),
    { numRuns: 2_000 },
  );
});

test('uniform stays in its range, and is the same for number and bigint', () => {
  fc.assert(
    fc.property(anyInputs, fc.array(sizes, { maxLength: 12 }), (inputs, list) => {
      const [draw, twin] = [new Draw(inputs), new Draw(inputs)];
      for (const n of list) {
        const outcome = draw.uniform(n);
        assert.ok(Number.isInteger(outcome) && outcome >= 0 && outcome < n);
        assert.equal(twin.uniformBigint(BigInt(n)), BigInt(outcome));
      }
      assert.equal(draw.wordsConsumed, twin.wordsConsumed);
    }),
  );
});

test('a range of one uses a word; invalid ranges are refused', () => {
  const draw = new Draw({ serverSeed: '00'.repeat(32), clientSeed: '', nonce: 0, sub: 0, configHash: '' });
  assert.equal(draw.uniform(1), 0);
  assert.equal(draw.wordsConsumed, 1);
  for (const n of [0, -1, 1.5, NaN, Infinity, 2 ** 53 + 2]) assert.throws(() => draw.uniform(n), RangeError);
  for (const n of [0n, -1n, 2n ** 63n + 1n]) assert.throws(() => draw.uniformBigint(n), RangeError);
  assert.equal(draw.wordsConsumed, 1);
});

test('weighted takes the first entry whose running total exceeds uniform(sum)', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(anyInputs, weights, (inputs, list) => {
      const index = new Draw(inputs).weighted(cumulate(list));
      const r = new Draw(inputs).uniform(list.reduce((sum, weight) => sum + weight, 0));
      const before = list.slice(0, index).reduce((sum, weight) => sum + weight, 0);
      assert.ok(before <= r && r < before + list[index]!);
    }),
  );
});

test("an entry that gains weight is never drawn less: its draws stay where the others' move", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.nat(), fc.integer({ min: 1, max: 5 }), (list, choice, gain) => {
      const at = choice % list.length;
      const heavier = list.with(at, list[at]! + gain);
      assert.ok(drawsOf(heavier, at) === list[at]! + gain && drawsOf(list, at) === list[at]!);
    }),
  );
});

/** A draw of the outcomes 0, 1, 2 and so on. */
function fixedDraw(): Draw {
  class Fixed extends Draw {
    next = 0;
    override uniform(): number {
      return this.next++;
    }
  }
  return new Fixed({ serverSeed: '', clientSeed: '', nonce: 0, sub: 0, configHash: '' });
}

/**
 * In how many of its equally likely outcomes a list of weights gives an entry: counted with fixed outcomes.
 */
function drawsOf(weights: readonly number[], at: number): number {
  const draw = fixedDraw();
  const cumulative = cumulate(weights);
  const sum = cumulative.at(-1)!;
  return Array.from({ length: sum }, () => draw.weighted(cumulative)).filter((index) => index === at).length;
}

test('chance is certain at its ends', () => {
  fc.assert(
    fc.property(anyInputs, sizes, (inputs, q) => {
      assert.equal(new Draw(inputs).chance(q, q), true);
      assert.equal(new Draw(inputs).chance(0, q), false);
    }),
  );
});

test('a chance of p in q is that of p outcomes of q', () => {
  for (let p = 0; p <= 7; p++) {
    const draw = fixedDraw();
    assert.equal(Array.from({ length: 7 }, () => draw.chance(p, 7)).filter(Boolean).length, p);
  }
});

test('client seeds are up to 64 printable ASCII characters', () => {
  for (const good of ['', ' ', '~', 'a:b', 'x'.repeat(64)]) assert.ok(isClientSeed(good));
  for (const bad of ['x'.repeat(65), 'é', '\n', 'a\n', '\u007f', '🍃']) assert.ok(!isClientSeed(bad));
  // A draw takes one, or two joined by a line feed.
  for (const bad of ['x'.repeat(65), 'é', 'a\n\n', `a\n${'x'.repeat(65)}`, '\u007f', '🍃']) {
    const inputs = { serverSeed: '', clientSeed: bad, nonce: 0, sub: 0, configHash: '' };
    assert.throws(() => new Draw(inputs), RangeError);
  }
});
