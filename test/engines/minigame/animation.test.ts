import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { animationMessage, animationOf } from '../../../src/engines/minigame/animation.ts';
import { Draw } from '../../../src/fairness/index.ts';
import { chiSquareOf } from '../../fairness/chi-square.ts';

const drawOf = (nonce: number): Draw =>
  new Draw({ serverSeed: 'ab'.repeat(32), clientSeed: '', nonce, sub: 0, configHash: 'cd'.repeat(32) });
const shown = (kind: string, prizes: number, drawn: number, nonce: number) =>
  animationMessage(drawn, animationOf(kind, prizes)(drawOf(nonce), [drawn]));
const games = fc
  .tuple(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat())
  .map(([prizes, drawn, nonce]) => [prizes, drawn % prizes, nonce] as const);

test('a plinko path leads to the bucket that was drawn', () => {
  fc.assert(
    fc.property(games, ([prizes, drawn, nonce]) => {
      const { path, segment } = shown('plinko', prizes, drawn, nonce);
      assert.equal(path.length, prizes - 1);
      assert.ok(path.every((step) => step === 0 || step === 1));
      assert.equal(path.filter((step) => step === 1).length, drawn);
      assert.equal(segment, drawn);
    }),
  );
});

test('every path to a bucket is equally likely', async (t) => {
  const counts = new Map<string, number>();
  const plays = 20_000;
  for (let nonce = 0; nonce < plays; nonce++) {
    const path = shown('plinko', 5, 2, nonce).path.join('');
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  const { p } = chiSquareOf([{ observed: [...counts.values()], probabilities: Array<number>(6).fill(1 / 6) }]);
  await t.annotate(`p = ${p}`);
  assert.ok(p > 1e-6);
});

test('a card has the drawn prize as often as it must be, and every other prize less often', () => {
  for (const [kind, cells, alike] of [
    ['scratch', 9, 3],
    ['match', 6, 2],
  ] as const) {
    fc.assert(
      fc.property(games, ([prizes, drawn, nonce]) => {
        const { cells: card, path } = shown(kind, prizes, drawn, nonce);
        assert.deepEqual(path, []);
        assert.equal(card.length, cells);
        for (let prize = 0; prize < prizes; prize++) {
          const times = card.filter((cell) => cell === prize).length;
          assert.ok(prize === drawn ? times === alike : times < alike, `${prize} is ${times} times on ${card.join()}`);
        }
        assert.ok(card.every((cell) => cell >= -1 && cell < prizes));
      }),
    );
  }
});

test('wheels and drops stop within their segment, and a coin has no more to show than its side', () => {
  fc.assert(
    fc.property(games, ([prizes, drawn, nonce]) => {
      for (const kind of ['wheel', 'prize_drop']) {
        const { offset } = shown(kind, prizes, drawn, nonce);
        assert.ok(offset! >= 0 && offset! <= 999);
      }
      assert.deepEqual(shown('coin_flip', 2, drawn % 2, nonce), {
        segment: drawn % 2,
        offset: undefined,
        path: [],
        cells: [],
      });
    }),
  );
});

test('every order of a card is equally likely', async (t) => {
  const counts = new Map<string, number>();
  const plays = 20_000;
  // The drawn prize twice, and four others or blanks once each: where the drawn one is, is one of 15 pairs of cells.
  for (let nonce = 0; nonce < plays; nonce++) {
    const { cells } = shown('match', 9, 4, nonce);
    const places = cells.flatMap((cell, place) => (cell === 4 ? [place] : [])).join();
    counts.set(places, (counts.get(places) ?? 0) + 1);
  }
  assert.equal(counts.size, 15);
  const { p } = chiSquareOf([{ observed: [...counts.values()], probabilities: Array<number>(15).fill(1 / 15) }]);
  await t.annotate(`p = ${p}`);
  assert.ok(p > 1e-6);
});

test('every other prize is as likely on a card that has not room for all', async (t) => {
  const counts = Array<number>(9).fill(0);
  const plays = 10_000;
  for (let nonce = 0; nonce < plays; nonce++) for (const cell of shown('match', 9, 0, nonce).cells) counts[cell]! += 1;
  const { p } = chiSquareOf([{ observed: counts.slice(1), probabilities: Array<number>(8).fill(1 / 8) }]);
  await t.annotate(`p = ${p}`);
  assert.ok(p > 1e-6);
});
