/**
 * Timers and drains while two servers are killed with SIGKILL 500 times: each effect happens once.
 *
 *   npm run campaign -- timers      KILLS=… how many; SEED=… repeats the choices of a run
 */
import { runTimers } from './timers.ts';

const kills = Number(process.env['KILLS'] ?? 500);
const payees = Number(process.env['PAYEES'] ?? 900);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const began = Date.now();
const { waves, asked, contradictions, effects, payments, facts, problems, ...report } = await runTimers({
  kills,
  seed,
  payees,
  say: (line) => console.log(`${((Date.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}`),
});
const all = [...contradictions, ...problems];
console.log(
  `seed ${seed}: ${report.kills} kills with SIGKILL, ${waves} waves, ${((Date.now() - began) / 1000).toFixed(0)} s`,
);
for (const [name, times] of Object.entries(effects)) console.log(`${name}: ${times}, each once`);
console.log(`${payments} payments by drain, ${asked} calls beside the timers, ${facts} facts replayed`);
for (const problem of all.slice(0, 20)) console.log(`PROBLEM ${problem}`);
console.log(all.length === 0 ? 'clean' : `${all.length} problems`);
process.exit(all.length === 0 ? 0 : 1);
