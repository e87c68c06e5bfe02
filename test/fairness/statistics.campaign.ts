/*
 * Ten million draws of every kind against their exact odds, a tenth as many cycles of jackpots with each selector, and
 * contributions to templates of pots, against what theory says that they return; some minutes:
 *
 *     node test/fairness/statistics.campaign.ts [draws]
 *
 * Prints each fit; exits with 1 if one is off by 5 sigma or more.
 */
import { chiSquareOf } from './chi-square.ts';
import { potEnds } from './statistics-ends.ts';
import { experiments } from './statistics.ts';
import { jackpotCycles } from './statistics-jackpots.ts';
import { templates } from './statistics-templates.ts';

const draws = Number(process.argv[2] ?? 10_000_000);
console.log(`${draws} draws each`);
for (const experiment of [...experiments, ...potEnds, ...jackpotCycles]) {
  const { name } = experiment;
  const count = jackpotCycles.includes(experiment) ? draws / 10 : draws;
  const start = performance.now();
  const { chiSquare, freedom, sigmas, p } = chiSquareOf(experiment.run(count));
  const seconds = (performance.now() - start) / 1_000;
  const fit = `χ² ${chiSquare.toFixed(1).padStart(8)} of ${String(freedom).padStart(5)}`;
  const off = `${sigmas.toFixed(2).padStart(6)} sigma  p ${p.toFixed(4)}`;
  console.log(`${name.padEnd(42)} ${fit} ${off}  ${seconds.toFixed(0).padStart(3)} s`);
  if (!(Math.abs(sigmas) < 5)) process.exitCode = 1;
}
for (const template of templates) {
  const start = performance.now();
  const returns = await template.run(draws / 10);
  const seconds = (performance.now() - start) / 1_000;
  for (const one of returns) {
    const { pot, contributed, paid, expected, wins, sigmas } = one;
    const [is, should] = [paid, expected].map((sum) => `${((100 * sum) / contributed).toFixed(3).padStart(8)} %`);
    const off = `${sigmas.toFixed(2).padStart(6)} sigma  ${String(wins).padStart(6)} wins`;
    console.log(
      `${`${template.name}: ${pot}`.padEnd(42)} ${is} of ${should} ${off}  ${seconds.toFixed(0).padStart(3)} s`,
    );
    if (!(Math.abs(sigmas) < 5)) process.exitCode = 1;
  }
}
