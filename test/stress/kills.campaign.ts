/**
 * 64 callers × 2,000 opens, a tenth of them repeats, while servers are killed and PostgreSQL is restarted.
 *
 *   npm run campaign            SEED=… repeats the choices of a run
 */
import { runKills } from './kills.ts';

const callers = Number(process.env['CALLERS'] ?? 64);
const opensPerCaller = Number(process.env['OPENS'] ?? 2000);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const { answered, kills, restarts, ms, opens, acknowledgedFound, sums, verification } = await runKills({
  callers,
  opensPerCaller,
  seed,
  killEveryMs: 3000,
});
const problems = [
  ...answered.contradictions,
  ...(acknowledgedFound === answered.opens.size
    ? []
    : [`${answered.opens.size - acknowledgedFound} acknowledged opens are lost`]),
  ...(opens === answered.opens.size ? [] : [`${opens - answered.opens.size} opens are doubled`]),
  ...(sums.every((sum) => sum === 0n) ? [] : [`the trial balance is ${sums.join(', ')}`]),
  ...verification.differences,
];
console.log(`seed ${seed}: ${callers} callers × ${opensPerCaller} opens in ${(ms / 1000).toFixed(1)} s`);
console.log(
  `${opens} opens, ${answered.repeats} repeated keys, ${answered.retries} retries, ` +
    `${kills} kills with SIGKILL, ${restarts} restart of PostgreSQL`,
);
console.log(
  `acknowledged and found once: ${acknowledgedFound} of ${answered.opens.size}; trial balance ${sums.join(', ')}`,
);
console.log(
  `verify: ${verification.facts} facts, ${verification.rows} rows, ${verification.lines} statement lines, ` +
    `${verification.differences.length} differences`,
);
for (const problem of problems.slice(0, 20)) console.log(`PROBLEM ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
