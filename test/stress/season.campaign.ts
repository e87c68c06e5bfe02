/**
 * A million operations on all engines, repeats, conflicts and refusals among them, while servers are killed and
 * PostgreSQL crashes; then everything is held against sequential models:
 *
 *   npm run campaign -- season             SEED=… repeats the choices of a run, OPERATIONS=… makes it shorter
 */
import { runSeason } from './season-run.ts';

const operations = Number(process.env['OPERATIONS'] ?? 1_000_000);
const callers = Number(process.env['CALLERS'] ?? 12);
const playersPerCaller = Number(process.env['PLAYERS'] ?? 150);
const kills = Number(process.env['KILLS'] ?? 20);
const crashes = Number(process.env['CRASHES'] ?? 3);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`ended by ${name}`)));
console.log(`seed ${seed}`);

const options = { callers, playersPerCaller, operations, seed, kills, crashes, signal: stop.signal };
const report = await runSeason(options).catch((error: Error) => {
  console.log(`PROBLEM ${error.message}`);
  process.exit(1);
});
const { answered, verification, problems, byEngine } = report;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
console.log(
  `seed ${seed}: ${answered.operations} operations of ${callers} callers in ${seconds(report.ms)}, ` +
    `checked in ${seconds(report.auditMs)}`,
);
console.log(
  `${answered.repeats} repeated keys, ${answered.conflicts} conflicts, ${answered.refusals} refusals, ` +
    `${answered.retries} retries, ${report.kills} kills with SIGKILL, ${report.crashes} crashes of PostgreSQL`,
);
const effects = Object.entries(byEngine).map(([name, count]) => `${count} of ${name}`);
console.log(
  `acknowledged and found once: ${report.found} of ${report.acknowledged}, ${effects.join(', ')}; each followed by ` +
    'its model',
);
console.log(
  `verify: ${verification.facts} facts, ${verification.rows} rows, ${verification.lines} statement lines, ` +
    `${verification.differences.length} differences`,
);
for (const problem of problems.slice(0, 20)) console.log(`PROBLEM ${problem}`);
if (problems.length > 20) console.log(`PROBLEM and ${problems.length - 20} more`);
process.exit(problems.length === 0 ? 0 : 1);
