/**
 * Contributions to instances of pots of both versions, raffles and instances with windows among them, opt-ins,
 * adjustments, transfers of money and opt-ins, triggers, shared wins, settlements of withheld ones and changes of
 * status, with repeats, conflicts and refusals, while servers are killed and PostgreSQL crashes; then everything is
 * held against a sequential model:
 *
 *   npm run campaign -- pots               SEED=… repeats the choices of a run, OPERATIONS=… makes it shorter
 */
import { runPots } from './pots-run.ts';

const operations = Number(process.env['OPERATIONS'] ?? 400_000);
const callers = Number(process.env['CALLERS'] ?? 10);
const kills = Number(process.env['KILLS'] ?? 12);
const crashes = Number(process.env['CRASHES'] ?? 3);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`ended by ${name}`)));
console.log(`seed ${seed}`);

const report = await runPots({
  callers,
  operations,
  seed,
  kills,
  crashes,
  playersPerCaller: 40,
  crowd: 1600,
  signal: stop.signal,
}).catch((error: Error) => {
  console.log(`PROBLEM ${error.message}`);
  process.exit(1);
});
const { answered, verification, problems } = report;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const deeds = (kind: string): number =>
  [...answered.sent.values()].filter(({ wish, text }) => wish.kind === kind && text !== '').length;
console.log(
  `seed ${seed}: ${answered.operations} operations of ${callers} callers in ${seconds(report.ms)}, ` +
    `checked in ${seconds(report.auditMs)}`,
);
console.log(
  `${answered.optIns} opt-ins, ${answered.repeats} repeated keys, ${answered.conflicts} conflicts, ` +
    `${answered.refusals} refusals, ${answered.retries} retries, ${report.kills} kills with SIGKILL, ` +
    `${report.crashes} crashes of PostgreSQL`,
);
console.log(
  `${deeds('adjust')} adjustments, ${deeds('transfer')} transfers, ${deeds('trigger')} triggers, ` +
    `${[...answered.statuses.values()].flat().length} changes of status, ${report.webhooks} results called back`,
);
const [withheld, released, rejected] = report.withheld;
console.log(
  `${report.rounds} rounds of raffles with ${report.drawn} winners, ${withheld} wins withheld, ${released} released, ` +
    `${rejected} rejected, ${report.carried} opt-ins carried, ${report.shared} shares paid`,
);
console.log(
  `acknowledged and found once: ${report.found} of ${report.acknowledged}; the model followed ${report.facts} facts ` +
    `with ${report.wins} wins; trial balance ${report.sums.join(', ')}`,
);
console.log(
  `verify: ${verification.facts} facts, ${verification.rows} rows, ${verification.lines} statement lines, ` +
    `${verification.differences.length} differences`,
);
for (const problem of problems.slice(0, 20)) console.log(`PROBLEM ${problem}`);
if (problems.length > 20) console.log(`PROBLEM and ${problems.length - 20} more`);
process.exit(problems.length === 0 ? 0 : 1);
