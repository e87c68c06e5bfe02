/**
 * Contributions that a misbehaving wallet pays for, while pots are won by hits, by time and by triggers, and withheld
 * wins are settled; and two servers are killed with SIGKILL 200 times: no debit without contribution or cancellation,
 * no win that is not credited, nothing twice.
 *
 *   npm run campaign -- wallets      KILLS=… how many; SEED=… repeats the choices of a run
 */
import { runWallets } from './wallets.ts';

const kills = Number(process.env['KILLS'] ?? 200);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const began = Date.now();
const seconds = (): string => ((Date.now() - began) / 1000).toFixed(0);
const { problems, answers, ...report } = await runWallets({
  kills,
  seed,
  say: (line) => console.log(`${seconds().padStart(5)} s  ${line}`),
});
console.log(`seed ${seed}: ${report.kills} kills with SIGKILL, ${seconds()} s, ${report.asked} calls of the wallet`);
console.log(
  `${report.contributed} contributions, ${report.cancelled} cancelled debits, ${report.pending} times pending`,
);
console.log(`credits besides: ${JSON.stringify(report.owed)}; ${report.rejected} withheld wins were rejected`);
console.log(`answers: ${JSON.stringify(answers)}`);
for (const problem of problems.slice(0, 20)) console.log(`PROBLEM ${problem}`);
console.log(problems.length === 0 ? 'clean' : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
