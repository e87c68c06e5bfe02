/**
 * Measures an engine, and checks its books afterwards:
 *
 *   npm run bench                     the lootboxes
 *   npm run bench -- SUITE …          other engines, one after another: files of this folder
 *   npm run bench -- chain            what chain and receipts cost by themselves; -- receipts: for each size of a batch
 *   --quick                           a smoke run of less than a minute
 *   --seconds N, --rounds N           of a slice; how many times each case has one
 *   --only WORDS                      the cases whose name and number in flight hold the words, as
 *                                     "OpenLootbox 64", and what they are compared with
 *   --json FILE                       the lines for programs
 *
 * A server, PostgreSQL and the client share the machine: trust ratios and CPU times more than rates. Exit
 * code 1 if the books are wrong; an aim that is missed is no failure, for it may be the machine's.
 */
import { parseArgs } from 'node:util';
import type { Case, Suite, SuiteOptions } from './case.ts';
import { machine } from './machine.ts';
import { tableOf, writeJson } from './report.ts';
import { runRounds } from './rounds.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const started = performance.now();
const say = (line: string): void => {
  print(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${line}`);
};

function chosen(cases: readonly Case[]): Case[] {
  const named = cases.filter(({ name, inFlight }) => `${name} ${inFlight}`.includes(values.only));
  if (named.length === 0) throw new Error(`no case has "${values.only}" in its name`);
  const compared = new Set(named.map(({ against }) => against?.other));
  return cases.filter((one) => named.includes(one) || compared.has(one));
}

async function run(suite: Suite): Promise<boolean> {
  const { quick, json } = values;
  const seconds = Number(values.seconds ?? (quick ? 0.5 : 3));
  const rounds = Number(values.rounds ?? (quick ? 1 : 3));
  const cases = chosen(suite.cases);
  const { lines, items } = await runRounds({ ...suite, cases }, { seconds, rounds, say });
  say('checking the books');
  const checks = await suite.check(items);
  const slices = `${rounds} rounds of ${seconds} s slices: medians`;
  print(['', ...(await machine()), ...suite.settings, slices, ''].join('\n'));
  print(`${tableOf(lines)}\n\nms: of a call; server, postgres, client, envoy: CPU µs an item\n`);
  for (const { what, ok } of checks) print(`${ok ? '✓' : '✗'} ${what}`);
  if (json !== undefined) writeJson(json, lines);
  return checks.every(({ ok }) => ok);
}

/** Measurements in this process, which print by themselves. */
const ALONE = new Set(['chain', 'receipts']);

/** Runs one suite. Returns whether its books are right. */
async function measure(name: string): Promise<boolean> {
  if (ALONE.has(name)) {
    await import(`./${name}.ts`);
    return true;
  }
  let suite: Suite | undefined;
  try {
    const { start } = (await import(`./${name}.ts`)) as { start(options: SuiteOptions): Promise<Suite> };
    suite = await start({ quick: values.quick, say });
    return await run(suite);
  } catch (error) {
    print(String((error as Error).stack ?? error));
    return false;
  } finally {
    await suite?.stop();
  }
}

let ok = true;
for (const name of positionals.length === 0 ? ['lootbox'] : positionals) ok = (await measure(name)) && ok;
process.exit(ok ? 0 : 1);
