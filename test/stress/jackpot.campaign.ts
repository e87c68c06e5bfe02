/**
 * A million contributions and drops, repeats, conflicts and refusals among them, and jackpots that end with money in
 * their pots, which are drawn and transferred, while servers are killed and PostgreSQL crashes; then everything is held
 * against a sequential model:
 *
 *   npm run campaign -- jackpot            SEED=… repeats the choices of a run, OPERATIONS=… makes it shorter
 */
import { runJackpots } from './jackpot-run.ts';

const operations = Number(process.env['OPERATIONS'] ?? 1_200_000);
const callers = Number(process.env['CALLERS'] ?? 12);
const kills = Number(process.env['KILLS'] ?? 20);
const crashes = Number(process.env['CRASHES'] ?? 3);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`ended by ${name}`)));
console.log(`seed ${seed}`);

const load = { callers, operations, messageMax: 300, endEvery: 8000, seed };
const report = await runJackpots({ ...load, kills, crashes, signal: stop.signal }).catch((error: Error) => {
  console.log(`PROBLEM ${error.message}`);
  process.exit(1);
});
const { answered, verification, problems } = report;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
console.log(
  `seed ${seed}: ${answered.operations} operations of ${callers} callers in ${seconds(report.ms)}, ` +
    `checked in ${seconds(report.auditMs)}`,
);
console.log(
  `${answered.drops} drops, ${answered.repeats} repeated keys, ${answered.conflicts} conflicts, ` +
    `${answered.refusals} refusals, ${answered.retries} retries, ${report.kills} kills with SIGKILL, ` +
    `${report.crashes} crashes of PostgreSQL`,
);
console.log(
  `${answered.awards} awards, ${answered.archives} archives, ${answered.draws} final draws, ` +
    `${answered.transfers} transfers; ${report.drawn} ends of cycles were drawn, ${report.proofs} of them verified`,
);
console.log(
  `acknowledged and found once: ${report.found} of ${report.acknowledged}; ` +
    `the model followed ${report.facts} facts with ${report.hits} hits; trial balance ${report.sums.join(', ')}`,
);
console.log(
  `verify: ${verification.facts} facts, ${verification.rows} rows, ${verification.lines} statement lines, ` +
    `${verification.differences.length} differences`,
);
for (const problem of problems.slice(0, 20)) console.log(`PROBLEM ${problem}`);
if (problems.length > 20) console.log(`PROBLEM and ${problems.length - 20} more`);
process.exit(problems.length === 0 ? 0 : 1);
