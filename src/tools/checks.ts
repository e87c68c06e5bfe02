import { execFile } from 'node:child_process';
import { testContracts } from './stubs/generate.ts';
import { staleFiles } from './stubs/stale.ts';
import { pathWith } from './stubs/toolkits.ts';

/** A part of `npm run check`. */
export interface Check {
  readonly name: string;
  /**
   * Returns what is wrong with the project in the folder `root`; '' if nothing is.
   * @param note receives what could not be checked.
   */
  find(root: string, note: (line: string) => void): Promise<string>;
}

type Command = readonly [program: string, ...args: string[]];

/** A part that runs programs. It returns the output of those that fail. */
function byPrograms(name: string, commandsOf: (root: string) => readonly Command[]): Check {
  return {
    name,
    async find(root) {
      const complaints = await Promise.all(commandsOf(root).map((command) => complaintOf(root, command)));
      return complaints.filter((complaint) => complaint !== '').join('\n');
    },
  };
}

function complaintOf(cwd: string, [program, ...args]: Command): Promise<string> {
  const options = { cwd, env: { ...process.env, PATH: pathWith([]) }, maxBuffer: 64 * 2 ** 20 };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve(error === null ? '' : `${stdout}${stderr}`.trim() || error.message);
    });
  });
}

/** Runs a command of buf on the contract, and on each test contract. */
const ofContracts =
  (command: readonly string[], own: readonly string[] = []) =>
  (root: string) => [
    ['buf', ...command, ...own] as const,
    ...testContracts(root).map(
      (test) => ['buf', ...command, '.', '--config', `${test.folder}/buf.yaml`, '--path', test.own] as const,
    ),
  ];

/** The parts of `npm run check`. `npm test` has a test for each. */
export const checks: readonly Check[] = [
  byPrograms('types', () => [['tsc', '-p', '.']]),
  byPrograms('lint', () => [['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives']]),
  byPrograms('format', () => [['oxfmt', '--check', '.']]),
  byPrograms('contract lint', ofContracts(['lint'])),
  byPrograms('contract format', ofContracts(['format', '-d', '--exit-code'], ['--path', 'proto/windfall'])),
  // The baseline is gen/api.binpb of the last release.
  byPrograms('contract compatibility', () => [
    ['buf', 'breaking', 'proto', '--against', 'test/contract/baseline.binpb'],
  ]),
  {
    name: 'generated code',
    async find(root, note) {
      const stale = await staleFiles(root, note);
      return stale.length === 0 ? '' : `stale: run npm run generate\n${stale.join('\n')}`;
    },
  },
];
