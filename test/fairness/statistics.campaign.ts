/*
 * Ten million draws of every kind against their exact odds, and a tenth as many cycles of jackpots with each selector,
 * some minutes:
 *
 *     node test/fairness/statistics.campaign.ts [draws]
 *
 * Prints each fit; exits with 1 if one is off by 5 sigma or more.
 */
import { chiSquareOf } from './chi-square.ts';
import { potEnds } from './statistics-ends.ts';
import { experiments } from './statistics.ts';
import { jackpotCycles } from './statistics-jackpots.ts';

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
