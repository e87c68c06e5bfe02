import assert from 'node:assert/strict';

import { test } from 'vitest';
import { chiSquareOf, upperGamma } from './chi-square.ts';
import { potEnds } from './statistics-ends.ts';
import { experiments, rejecting, table, uniform } from './statistics.ts';
import { jackpotCycles } from './statistics-jackpots.ts';
import { templates } from './statistics-templates.ts';

const thorough = new Set([uniform, table, rejecting]);

for (const experiment of [...experiments, ...potEnds, ...jackpotCycles]) {
  const draws = thorough.has(experiment) ? 1_000_000 : jackpotCycles.includes(experiment) ? 30_000 : 100_000;
  test(`${experiment.name}: ${draws.toExponential(0)} draws fit the exact odds`, async (t) => {
    const { chiSquare, freedom, sigmas, p } = chiSquareOf(experiment.run(draws));
    const fit = `χ² = ${chiSquare.toFixed(1)} of ${freedom}`;
    await t.annotate(`${fit}: ${sigmas.toFixed(2)} sigma, p = ${p.toFixed(4)}`);
    assert.ok(Math.abs(sigmas) < 5);
  });
}

for (const template of templates) {
  test(`${template.name}: 20,000 contributions return what theory says`, async (t) => {
    const returns = await template.run(20_000);
    const texts = returns.map(
      ({ pot, paid, contributed, sigmas }) =>
        `${pot} ${((100 * paid) / contributed).toFixed(2)} %, ${sigmas.toFixed(2)}`,
    );
    await t.annotate(`${texts.join(' sigma; ')} sigma`);
    for (const { pot, sigmas } of returns) assert.ok(Math.abs(sigmas) < 5, pot);
  });
}

test('theories that are wrong by a third are found', async () => {
  for (const template of templates.slice(5))
    for (const { pot, sigmas } of await template.run(20_000, 4 / 3)) assert.ok(sigmas < -5, `${template.name}: ${pot}`);
});

test('the test finds odds that are wrong by three in a hundred, and modulo bias', () => {
  const skewed = Array.from({ length: 1_000 }, (_, index) => (index < 500 ? 1.03 : 0.97) / 1_000);
  assert.ok(chiSquareOf([{ ...uniform.run(1_000_000)[0]!, probabilities: skewed }]).sigmas > 5);
  const modulo = Array.from({ length: 12 }, (_, part) => (part < 4 ? 1.5 : 0.75) / 12);
  assert.ok(chiSquareOf([{ ...rejecting.run(10_000)[0]!, probabilities: modulo }]).sigmas > 100);
});

test('p-values are those of published tables', () => {
  const published = [
    [1, 3.841459, 0.05],
    [9, 16.918978, 0.05],
    [9, 2.087901, 0.99],
    [100, 124.342113, 0.05],
    [1_000, 1143.917, 0.001],
  ] as const;
  for (const [freedom, chiSquare, p] of published) {
    assert.ok(Math.abs(upperGamma(freedom / 2, chiSquare / 2) - p) < 1e-6, `${freedom} degrees of freedom`);
  }
});
