import { relative } from 'node:path';
import { inspect, stripVTControlCharacters } from 'node:util';
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node';
import { ROOT } from './command.ts';

type Failure = readonly [name: string, error: SerializedError];
type ConsoleLog = Parameters<NonNullable<Reporter['onUserConsoleLog']>>[0];

const SLOWEST_SHOWN = 8;
/** Of what a failed file has printed, the end is shown. */
const PRINTED_MAX = 4000;
const FRAMES_SHOWN = 8;
/** Far more than any file takes. The time limits of tests do not stop one that never waits. */
const FILE_MS = 300_000;

const nameOf = ({ moduleId }: TestModule): string => relative(ROOT, moduleId);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const indent = (text: string): string => text.trimEnd().replace(/^(?=.)/gm, '    ');

/** From the start of its process to the end of its last hook. */
function durationOf(file: TestModule): number {
  const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } = file.diagnostic();
  return environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration;
}

/** Whether a file was loaded and all its tests came to an end: one whose process dies stays pending. */
const hasEnded = (file: TestModule): boolean => !['queued', 'pending'].includes(file.state());

/** The lines of a stack that lie in the project. */
function placesOf(stack: string): string[] {
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line) && line.includes(ROOT));
  const own = lines.filter((line) => !line.includes('node_modules')).slice(0, FRAMES_SHOWN);
  return own.map((line) => line.replaceAll(/^\s+|file:\/\/|\?vitest=\d+/g, '').replace(`${ROOT}/`, ''));
}

/** What Vitest adds to errors, and what they say anyway. */
const SAID =
  /^(name|message|stacks?|cause|diff|actual|expected|showDiff|operator|ok|constructor|toString|type|VITEST_.*)$/;

/** What went wrong, where, and what caused it. Anything may have been thrown, not only errors. */
function explain(error: SerializedError): string {
  const { name = 'Error', message, stack = '', diff, cause } = error;
  const lines = [`${name}: ${String(message).trimEnd()}`];
  // The messages of node:assert have the difference in them, and what it compared.
  if (error['code'] !== 'ERR_ASSERTION') {
    if (diff !== undefined) lines.push(stripVTControlCharacters(String(diff)));
    const more = Object.entries(error).filter(([key]) => !SAID.test(key));
    if (more.length > 0) lines.push(inspect(Object.fromEntries(more)));
  }
  lines.push(...placesOf(stack));
  if (cause !== undefined) lines.push(`caused by ${cause instanceof Object ? explain(cause) : String(cause)}`);
  return lines.join('\n');
}

/** What has failed in a file, each with its name: the file itself, its hooks, its tests. */
function failuresOf(file: TestModule): Failure[] {
  const failures = file.errors().map((error): Failure => ['the file failed', error]);
  for (const suite of file.children.allSuites()) {
    failures.push(...suite.errors().map((error): Failure => [`${suite.fullName}: a hook failed`, error]));
  }
  for (const test of file.children.allTests('failed')) {
    failures.push(...(test.result().errors ?? []).map((error): Failure => [test.fullName, error]));
  }
  return failures;
}

/**
 * Tells of each file when it ends, with the figures that its tests annotate and with all that failed in it, and at the
 * end of the slowest and of what failed files have printed. The last line is "N passed, N failed".
 */
export default class FileReporter implements Reporter {
  #vitest!: Vitest;
  /** By file, what it has printed, and until when it may take. */
  readonly #printed = new Map<string, string>();
  readonly #limits = new Map<string, NodeJS.Timeout>();

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    // It names the address of the page.
    if (vitest.config.ui) vitest.logger.printBanner();
  }

  onTestRunStart(): void {
    this.#printed.clear();
  }

  onTestModuleQueued({ moduleId }: TestModule): void {
    if (this.#vitest.config.watch) return;
    const limit = setTimeout(() => this.#giveUp(), FILE_MS);
    this.#limits.set(moduleId, limit);
  }

  onUserConsoleLog({ taskId = '', content }: ConsoleLog): void {
    const entity = this.#vitest.state.getReportedEntityById(taskId);
    // Vitest does not say which file the output of a file that is still being loaded belongs to.
    if (entity === undefined) return this.#say(content.trimEnd());
    const { moduleId } = entity.type === 'module' ? entity : entity.module;
    this.#printed.set(moduleId, ((this.#printed.get(moduleId) ?? '') + content).slice(-PRINTED_MAX));
  }

  onTestModuleEnd(file: TestModule): void {
    clearTimeout(this.#limits.get(file.moduleId));
    // By -t, a file may have no test that is meant.
    if (file.state() === 'skipped' && this.#isNarrowed()) return;
    const name = nameOf(file);
    this.#say(`${file.ok() ? '✓' : '✗'} ${name} (${seconds(durationOf(file))})`);
    for (const test of file.children.allTests()) {
      for (const { message } of test.annotations()) this.#say(indent(message));
      if (this.#isLeftOut(test)) this.#say(`- ${name}: ${test.fullName}: skipped`);
    }
    for (const [what, error] of failuresOf(file)) this.#say(`✗ ${name}: ${what}\n${indent(explain(error))}`);
  }

  onTestRunEnd(files: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const limit of this.#limits.values()) clearTimeout(limit);
    const unended = files.filter((file) => !hasEnded(file));
    for (const file of unended) this.#say(`✗ ${nameOf(file)}: it did not end`);
    for (const error of unhandled) {
      const { VITEST_TEST_PATH: path } = error;
      const where = typeof path === 'string' ? relative(ROOT, path) : 'no file in particular';
      this.#say(`✗ ${where}: an error that nobody handled\n${indent(explain(error))}`);
    }
    for (const file of files.filter((file) => !file.ok() || !hasEnded(file))) {
      const printed = this.#printed.get(file.moduleId);
      if (printed !== undefined) this.#say(`\n${nameOf(file)} printed:\n${indent(printed)}`);
    }
    if (files.length === 0) this.#say('There is no such test file.');
    const slowest = files.toSorted((a, b) => durationOf(b) - durationOf(a)).slice(0, SLOWEST_SHOWN);
    this.#say(`\nSlowest: ${slowest.map((file) => `${nameOf(file)} ${seconds(durationOf(file))}`).join(', ')}`);

    const tests = files.flatMap((file) => [...file.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const passed = count('passed');
    const failed = files.flatMap(failuresOf).length + unended.length + unhandled.length;
    const skipped = count('skipped') > 0 ? `, ${count('skipped')} skipped` : '';
    this.#say(`${passed} passed, ${failed} failed${skipped}`);
    // Vitest is content where -t names no test at all.
    if (passed === 0) process.exitCode = 1;
  }

  onWatcherStart(): void {
    this.#say('\nWaiting for changes: h tells what else there is, q ends it');
  }

  onWatcherRerun(_: readonly string[], trigger = 'you asked for it'): void {
    this.#say(`\nAgain: ${trigger.replace(`${ROOT}/`, '')}`);
  }

  /** Ends a run that Vitest would not end. */
  #giveUp(): never {
    this.#say(`\nNothing more is run: a file has not ended in ${seconds(FILE_MS)}`);
    this.onTestRunEnd(
      this.#vitest.state.getTestModules(),
      this.#vitest.state.getUnhandledErrors() as SerializedError[],
    );
    process.exit(1);
  }

  #isNarrowed(): boolean {
    return this.#vitest.getGlobalTestNamePattern() !== undefined;
  }

  /** Whether a test is skipped by what is written in its file. */
  #isLeftOut({ options: { mode } }: TestCase): boolean {
    return (mode === 'skip' || mode === 'todo') && !this.#isNarrowed();
  }

  #say(line: string): void {
    this.#vitest.logger.log(line);
  }
}
