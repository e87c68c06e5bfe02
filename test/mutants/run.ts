/**
 * Plants faults one at a time in a copy of the tree, and runs the tests that are to find them:
 *
 *   npm run mutants                           all lists
 *   npm run mutants -- journal tenants        those of some areas
 *   npm run mutants -- --only 'key wager'     those whose text contains all the words
 *   npm run mutants -- --workers 3            in three copies at a time; the default is two
 *   npm run mutants -- --unchecked            without running the tests first as they are: they are known to pass
 *
 * Exit code 1 if a fault has survived, or could not be planted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { areas, complaintOf, faultsOf, type Fault } from './faults.ts';
import { Tree, type Run } from './tree.ts';

/** Hangs are found, too: no tests that are named take this long, unless the machine is busy. */
const LIMIT_MS = 90_000;
/** How long each set of tests took without a fault. */
const took = new Map<string, number>();
const limitOf = (fault: Fault): number => Math.max(LIMIT_MS, 4 * (took.get(testsOf(fault)) ?? 0));

type Verdict = 'found' | 'SURVIVED' | 'BROKEN';

/** Whether it was told to stop: nothing more is planted. */
let stopping = false;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** The tests of a fault, as one text. */
const testsOf = ({ tests, name }: Fault): string =>
  [...tests, ...(name === undefined ? [] : [`-t '${name}'`])].join(' ');

/** Does pieces of work, each tree one at a time. */
async function share<T>(trees: readonly Tree[], work: readonly T[], act: (tree: Tree, one: T) => Promise<void>) {
  const left = [...work];
  const worker = async (tree: Tree): Promise<void> => {
    for (let one = left.shift(); one !== undefined && !stopping; one = left.shift()) await act(tree, one);
  };
  await Promise.all(trees.map(worker));
}

/** Runs each set of tests without a fault. Returns what is wrong with some. */
async function unfitTests(trees: readonly Tree[], faults: readonly Fault[]): Promise<Map<string, string>> {
  const sets = new Map(faults.map((fault) => [testsOf(fault), fault]));
  const unfit = new Map<string, string>();
  await share(trees, [...sets.values()], async (tree, fault) => {
    const started = performance.now();
    const run = await tree.run(fault, 4 * LIMIT_MS);
    took.set(testsOf(fault), performance.now() - started);
    if (run.is === 'passed') return;
    unfit.set(testsOf(fault), `without it, ${run.is === 'failed' ? `${run.by} fails` : explain(run)}`);
  });
  print(`${sets.size - unfit.size} of ${sets.size} sets of tests pass without a fault\n`);
  return unfit;
}

const explain = (run: Run): string => (run.is === 'broken' ? run.why : `the run has ${run.is}`);

function judge(run: Run): { verdict: Verdict; by: string } {
  switch (run.is) {
    case 'passed':
      return { verdict: 'SURVIVED', by: `${run.tests} tests passed` };
    case 'failed':
      return { verdict: 'found', by: run.by };
    case 'hung':
      return { verdict: 'found', by: 'it hangs, and was ended' };
    case 'broken':
      return { verdict: 'BROKEN', by: run.why };
  }
}

function table(faults: readonly Fault[], verdicts: ReadonlyMap<Fault, Verdict>): string {
  const row = (name: string, of: readonly Fault[]): string => {
    const count = (verdict: Verdict): number => of.filter((fault) => verdicts.get(fault) === verdict).length;
    return [name.padEnd(12), ...[of.length, count('found'), count('SURVIVED'), count('BROKEN')].map(cell)].join('');
  };
  const cell = (value: number | string): string => String(value).padStart(10);
  const head = ['area'.padEnd(12), ...['planted', 'found', 'survived', 'broken'].map(cell)].join('');
  const own = [...new Set(faults.map(({ area }) => area))];
  return [
    head,
    ...own.map((area) =>
      row(
        area,
        faults.filter((fault) => fault.area === area),
      ),
    ),
  ].join('\n');
}

async function plantAll(trees: readonly Tree[], faults: readonly Fault[]): Promise<Map<Fault, Verdict>> {
  const unfit = values.unchecked === true ? new Map<string, string>() : await unfitTests(trees, faults);
  const verdicts = new Map<Fault, Verdict>();
  await share(trees, faults, async (tree, fault) => {
    const started = performance.now();
    const why = complaintOf(fault) ?? unfit.get(testsOf(fault));
    const { verdict, by } =
      why === undefined ? judge(await tree.runWith(fault, limitOf(fault))) : { verdict: 'BROKEN' as const, by: why };
    verdicts.set(fault, verdict);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    print(`${verdict.padEnd(8)} ${fault.area}: ${fault.fault} (${fault.file})\n         ${by} (${seconds} s)`);
  });
  return verdicts;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    workers: { type: 'string', default: '2' },
    unchecked: { type: 'boolean' },
  },
});
const strange = positionals.find((area) => !areas.includes(area));
if (strange !== undefined) throw new Error(`there is no area ${strange}; there are ${areas.join(', ')}`);
const words = values.only.toLowerCase().split(/\s+/);
const isMeant = ({ fault, file }: Fault): boolean =>
  words.every((word) => `${fault} ${file}`.toLowerCase().includes(word));
const faults = (positionals.length > 0 ? positionals : areas).flatMap(faultsOf).filter(isMeant);
if (faults.length === 0) throw new Error('there is no such fault');

const folder = mkdtempSync(join(tmpdir(), 'windfall-mutants-'));
const trees: Tree[] = [];
const clear = async (): Promise<void> => {
  stopping = true;
  await Promise.all(trees.map((tree) => tree.remove()));
  rmSync(folder, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void clear().finally(() => process.exit(1)));
for (let i = 0; i < Number(values.workers); i++) trees.push(await Tree.make(join(folder, String(i))));

const verdicts = await plantAll(trees, faults);
await clear();
const count = (verdict: Verdict): number => [...verdicts.values()].filter((each) => each === verdict).length;
print(`\n${table(faults, verdicts)}\n`);
for (const [{ area, fault, file }, verdict] of verdicts) {
  if (verdict !== 'found') print(`${verdict}: ${area}: ${fault} (${file})`);
}
print(`${count('found')} found, ${count('SURVIVED')} survived`);
if (count('found') < faults.length) process.exitCode = 1;
