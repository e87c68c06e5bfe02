/**
 * Generates, compiles and runs the clients of every language, and prints what came of it:
 *
 *   npm run stubs                all of them
 *   npm run stubs -- go java     some
 *
 * All is made twice in temporary folders and held against each other. What this machine has no programs for is "not
 * here". Exit code 1 if anything failed. A language that is not here is no failure.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateLanguages } from '../../src/tools/stubs/generate.ts';
import { languages } from '../../src/tools/stubs/languages.ts';
import startCluster from '../support/cluster.ts';
import { ROOT } from '../support/command.ts';
import { differences, sizeOf } from '../../src/tools/stubs/folders.ts';
import { startService } from '../support/service.ts';
import { clients, complaint, NotHereError, type Place, type Service } from './clients.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const failures: string[] = [];

/** What a step came to, in a cell of the table. */
async function cell(step: string, work: () => Promise<unknown>): Promise<string> {
  const started = performance.now();
  try {
    await work();
    return `yes, ${((performance.now() - started) / 1000).toFixed(1)} s`;
  } catch (error) {
    if (error instanceof NotHereError) return `not here: ${error.message}`;
    failures.push(`${step}: ${(error as Error).message}`);
    return 'FAILED';
  }
}

/** Generates a language twice. */
async function generated(name: string, folders: readonly [string, string]): Promise<void> {
  for (const folder of folders) {
    const left = await generateLanguages([name], { folder, say: print, fetchGo: true });
    if (left.size > 0) throw new NotHereError(left.get(name));
  }
  const [one, other] = folders.map((folder) => join(folder, 'gen', name));
  const unlike = differences(one!, other!);
  if (unlike.length > 0) throw new Error(`a second time other bytes came out: ${unlike.join(', ')}`);
}

/** The cells of a language: generated, compiled, ran. A step is not tried where the one before was not done. */
async function row(name: string, folders: readonly [string, string], service: Service): Promise<string[]> {
  const client = clients[name]!;
  const place: Place = { folder: folders[0], scratch: join(folders[0], 'scratch') };
  const steps: [string, (() => Promise<unknown>) | undefined][] = [
    ['generated', () => generated(name, folders)],
    ['compiled', () => client.compile(place)],
    ['ran', client.run && (() => ran(client.run!(place, service)))],
  ];
  const cells: string[] = [];
  for (const [step, work] of steps) {
    const possible = cells.every((before) => before.startsWith('yes'));
    cells.push(possible && work !== undefined ? await cell(`${name} ${step}`, work) : 'no');
  }
  return cells;
}

async function ran(client: Promise<string>): Promise<void> {
  const wrong = complaint(await client);
  if (wrong !== null) throw new Error(wrong);
}

/** Does some work with a service that has the demo catalogue. */
async function withService(work: (service: Service) => Promise<void>): Promise<void> {
  const stopCluster = await startCluster();
  try {
    const { server, envoy, stop } = await startService();
    try {
      await work({ grpc: server.address, rest: envoy.base, key: 'wf_test_demo' });
    } finally {
      await stop();
    }
  } finally {
    await stopCluster();
  }
}

function sizes(): void {
  print('\n| committed | bytes | files |\n|---|---|---|');
  for (const [name, { committed }] of Object.entries(languages)) {
    const { bytes, files } = committed ? sizeOf(join(ROOT, 'gen', name)) : { bytes: 0, files: 0 };
    if (committed) print(`| gen/${name} | ${bytes.toLocaleString('en')} | ${files} |`);
  }
}

const named = process.argv.slice(2);
const folders = ['one', 'other'].map((name) => mkdtempSync(join(tmpdir(), `windfall-stubs-${name}-`)));
const [place, twin] = folders as [string, string];
try {
  mkdirSync(join(place, 'scratch'));
  cpSync(join(ROOT, 'test/clients'), join(place, 'test/clients'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'));
  cpSync(join(ROOT, 'package.json'), join(place, 'package.json'));
  await withService(async (service) => {
    print('| language | generated, twice the same | compiled | ran |\n|---|---|---|---|');
    for (const name of Object.keys(languages).filter((one) => named.length === 0 || named.includes(one))) {
      print(`| ${[name, ...(await row(name, [place, twin], service))].join(' | ')} |`);
    }
  });
  sizes();
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
for (const failure of failures) print(`\n${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
