import assert from 'node:assert/strict';
import { test, type TestContext } from 'vitest';
import { bindHitRate, Draw, drawHits, HmacKey } from '../../../src/fairness/index.ts';
import { parseDecimal } from '../../../src/kernel/index.ts';

const KEY = HmacKey.fromHex('c0ffee'.padEnd(64, '0'));

type Pots = Parameters<typeof bindHitRate>[0];

/** The hits of this many contributions, each with its own draw, and the attempts that were made. */
function play(pots: Pots, amount: bigint, contributions: number): { hits: number[]; attempts: number[] } {
  const bound = bindHitRate(pots);
  const [hits, attempts] = [pots.map(() => 0), pots.map(() => 0)];
  for (let nonce = 0; nonce < contributions; nonce++) {
    const draw = new Draw({
      serverSeed: KEY,
      clientSeed: `wager-${nonce}`,
      nonce,
      sub: 0,
      configHash: bound.configHash,
    });
    drawHits(
      draw,
      bound,
      pots.map(() => amount),
    ).forEach((drawn, i) => {
      hits[i]! += Number(drawn.hit);
      attempts[i]! += drawn.attempts;
    });
  }
  return { hits, attempts };
}

async function assertTheory(t: TestContext, hits: number, of: number, p: number): Promise<void> {
  const z = (hits - of * p) / Math.sqrt(of * p * (1 - p));
  await t.annotate(`${hits} hits in ${of.toLocaleString('en')} at ${p.toPrecision(4)}: z = ${z.toFixed(2)}`);
  assert.ok(Math.abs(z) < 5);
}

const decimal = (text: string): bigint => parseDecimal(text)!;

test('of a million attempts as many hit as the odds say', async (t) => {
  const pots = [
    { id: 'mini', cost: decimal('0.1'), n: 50 },
    { id: 'grand', cost: decimal('0.2'), n: 1000 },
  ];
  const { hits, attempts } = play(pots, decimal('0.6'), 200_000);
  assert.ok(attempts[0]! + attempts[1]! > 1_000_000);
  await assertTheory(t, hits[0]!, attempts[0]!, 1 / 50);
  await assertTheory(t, hits[1]!, attempts[1]!, 1 / 1000);
});

const fractions: readonly (readonly [amount: string, cost: string, odds: number, p: number])[] = [
  ['1', '3', 1, 0.333333],
  ['1', '4', 2, 0.125],
  ['0.000001', '0.000003', 1, 0.333333],
  ['0.5', '1', 10, 0.05],
];
for (const [amount, cost, odds, p] of fractions) {
  test(`${amount} of a cost of ${cost} at 1 in ${odds} hits with chance ${p}`, async (t) => {
    const contributions = 100_000;
    const { hits, attempts } = play([{ id: 'mini', cost: decimal(cost), n: odds }], decimal(amount), contributions);
    assert.equal(attempts[0], contributions);
    await assertTheory(t, hits[0]!, contributions, p);
  });
}

test('two and a half attempts hit as often as the chances of each together', async (t) => {
  const contributions = 100_000;
  const { hits } = play([{ id: 'mini', cost: decimal('0.4'), n: 5 }], decimal('1'), contributions);
  await assertTheory(t, hits[0]!, contributions, 1 - 0.8 * 0.8 * 0.9);
});

test('splitting an amount changes its chance by no more than the millionth that is rounded off', async (t) => {
  const whole = play([{ id: 'mini', cost: decimal('1'), n: 100 }], decimal('1'), 200_000);
  const split = play([{ id: 'mini', cost: decimal('1'), n: 100 }], decimal('0.1'), 200_000);
  await assertTheory(t, whole.hits[0]!, 200_000, 1 / 100);
  await assertTheory(t, split.hits[0]!, 200_000, 1 / 1000);
});
