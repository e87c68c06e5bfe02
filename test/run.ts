/**
 * Runs the tests on one real PostgreSQL, two files at a time:
 *
 *   npm test                all of them
 *   npm test -- lootbox     the files whose path holds the word
 *
 * Ends with "N passed, N failed"; exit code 1 if a test failed, or if there was none.
 */
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run, type EventData } from 'node:test';
import { inspect } from 'node:util';
import { startCluster } from './support/cluster.ts';
import { ROOT } from './support/command.ts';
import { CLUSTER_VARIABLE } from './support/database.ts';

/** A file that takes longer hangs: the longest takes a third of it. */
const FILE_MS = 120_000;
const SLOWEST_SHOWN = 8;
/** Of what a failed file has printed, the end is shown. */
const PRINTED_MAX = 4000;

const counts = { passed: 0, failed: 0, skipped: 0 };
const printed = new Map<string, string>();
const durations = new Map<string, number>();
const failedFiles = new Set<string>();

const nameOf = (file = ''): string => relative(ROOT, file);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const indent = (text: string): string => text.replace(/^/gm, '    ');

function passed({ name, file, skip, todo, details }: EventData.TestPass): void {
  if (skip !== undefined || todo !== undefined) counts.skipped++;
  else if (name === file) failed(name, file, 'the file has no tests');
  else if (details.type !== 'suite') counts.passed++;
}

function failed(name: string, file = '', error: unknown): void {
  const { failureType, cause } = error as { failureType?: string; cause?: unknown };
  // A test or suite whose parts have failed says nothing that they have not said.
  if (failureType === 'subtestsFailed') return;
  counts.failed++;
  failedFiles.add(file);
  console.log(`✗ ${nameOf(file)}: ${name === file ? 'the file failed' : name}`);
  console.log(indent(typeof error === 'string' ? error : inspect(cause ?? error, { depth: 4 })));
}

function print({ file = '', message }: EventData.TestStdout | EventData.TestStderr): void {
  printed.set(file, ((printed.get(file) ?? '') + message).slice(-PRINTED_MAX));
}

async function runFiles(files: string[]): Promise<void> {
  const stream = run({ files, concurrency: 2, timeout: FILE_MS });
  stream.on('test:pass', passed);
  stream.on('test:fail', ({ name, file, details }) => failed(name, file, details.error));
  stream.on('test:stdout', print);
  stream.on('test:stderr', print);
  stream.on('test:summary', ({ file, duration_ms }) => {
    if (file === undefined) return;
    durations.set(file, duration_ms);
    console.log(`${failedFiles.has(file) ? '✗' : '✓'} ${nameOf(file)} (${seconds(duration_ms)})`);
  });
  for await (const _ of stream);
}

function report(): void {
  for (const file of failedFiles) {
    if (printed.has(file)) console.log(`\n${nameOf(file)} printed:\n${indent(printed.get(file)!)}`);
  }
  const slowest = [...durations].sort(([, a], [, b]) => b - a).slice(0, SLOWEST_SHOWN);
  console.log(`\nSlowest: ${slowest.map(([file, ms]) => `${nameOf(file)} ${seconds(ms)}`).join(', ')}`);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
}

const words = process.argv.slice(2);
const files = globSync('test/**/*.test.ts', { cwd: ROOT })
  .sort()
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .map((file) => join(ROOT, file));
const cluster = await startCluster();
process.env[CLUSTER_VARIABLE] = cluster.url;
process.on('SIGINT', () => void cluster.stop().finally(() => process.exit(130)));
process.on('SIGTERM', () => void cluster.stop().finally(() => process.exit(143)));
try {
  await runFiles(files);
} finally {
  await cluster.stop();
}
report();
process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);
