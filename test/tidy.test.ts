import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { ROOT } from './support/command.ts';
import { fileRules } from './support/tidy/files.ts';
import { importRules } from './support/tidy/imports.ts';
import type { Source } from './support/tidy/rule.ts';
import { longestFunction } from './support/tidy/sizes.ts';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 100;
const COLUMNS = 110;

const WRITTEN = ['{src,test}/**/*.{ts,lua,yaml}', 'proto/windfall/**/*.proto', '*.{md,json,ts,yaml}', '.ci/*'];
/** Made by programs. */
const MADE = /(^|\/)gen\/|^package-lock\.json$|^src\/db\/migrations\//;

const sources: Source[] = globSync(WRITTEN, { cwd: ROOT })
  .filter((path) => !MADE.test(path))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
const programs = sources.filter(({ path }) => path.endsWith('.ts'));

for (const { name, check, wrong } of [...importRules, ...fileRules]) {
  describe(name, () => {
    test('holds', () => assert.deepEqual(check(sources), []));
    for (const project of wrong) {
      test(`is broken by ${project.map(({ path, text }) => text || path).join(' ')}`, () => {
        assert.notEqual(check(project).length, 0);
      });
    }
  });
}

describe('sizes', () => {
  test('no file is far too long', () => {
    const long = programs.filter(({ text }) => lineCount(text) > FILE_LINES_MAX);
    assert.deepEqual(
      long.map(({ path, text }) => `${path} has ${lineCount(text)} lines`),
      [],
    );
  });

  test('no function is far too long', () => {
    const long = programs.filter((source) => longestFunction(source) > FUNCTION_LINES_MAX);
    assert.deepEqual(
      long.map((source) => `${source.path} has one of ${longestFunction(source)} lines`),
      [],
    );
  });

  test('a long function is seen', () => {
    const body = '  work();\n'.repeat(150);
    const heads = [
      'function f(): void {',
      'export async function f(\n  a: number,\n): Promise<void> {',
      'const f = () => {',
    ];
    for (const head of heads) {
      assert.ok(longestFunction({ path: 'a.ts', text: `${head}\n${body}}\n` }) > FUNCTION_LINES_MAX, head);
    }
  });

  test('the sizes are reported', async (t) => {
    const lengths = programs.map(({ text }) => lineCount(text)).sort((a, b) => a - b);
    const median = lengths[lengths.length >> 1];
    const wide = programs.flatMap(({ text }) => text.split('\n')).filter((line) => line.length > COLUMNS);
    await t.annotate(
      `${programs.length} files, median ${median} lines, longest ${lengths.at(-1)}; ` +
        `${wide.length} lines of more than ${COLUMNS} columns`,
    );
  });
});

function lineCount(text: string): number {
  return text.split('\n').length - 1;
}
