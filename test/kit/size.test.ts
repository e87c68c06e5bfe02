import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { ROOT } from '../support/command.ts';

/** The lines of the programs below a folder. */
function linesOf(folder: string): string[] {
  const files = globSync(`${folder}/**/*.ts`, { cwd: ROOT });
  return files.flatMap((file) => readFileSync(join(ROOT, file), 'utf8').replace(/\n$/, '').split('\n'));
}

/** Whether a line is neither blank nor part of a comment. */
const isCode = (line: string): boolean => !/^\s*($|\/\/|\/\*|\*)/.test(line);

test('a complete small engine has at most 320 lines, all counted', async (t) => {
  const { length } = linesOf('test/kit/chest');
  await t.annotate(`chest: ${length} lines`);
  assert.ok(length > 100 && length <= 320, `it has ${length}`);
});

for (const [engine, most] of [
  ['lootbox', 300],
  ['minigame', 300],
  ['raffle', 1000],
  ['tournament', 1750],
  ['journey', 710],
  ['jackpot', 4060],
] as const) {
  test(`the engine ${engine} has at most ${most} lines of code`, async (t) => {
    const { length } = linesOf(`src/engines/${engine}`).filter(isCode);
    await t.annotate(`${engine}: ${length} lines of code`);
    assert.ok(length > 100 && length <= most, `it has ${length}`);
  });
}

test('blank lines and comments are no code', () => {
  const lines = ['', '  // why', '/** What. */', '/*', ' * How.', ' */', '  a();', 'b(); // why', 'c = a * b;'];
  assert.deepEqual(lines.filter(isCode), ['  a();', 'b(); // why', 'c = a * b;']);
});

test('nothing of the installation knows the small engine', () => {
  assert.deepEqual(
    linesOf('src').filter((line) => /\bchest/i.test(line)),
    [],
  );
});
