import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { ROOT, runCommand } from '../support/command.ts';

async function succeeds(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(command, args);
  assert.equal(code, 0, output);
}

test('the types fit', () => succeeds('tsc', ['-p', '.']));
test('the contract passes the lint', () => succeeds('buf', ['lint']));
// The baseline is gen/api.binpb as the last release had it.
test('the contract breaks no client', () =>
  succeeds('buf', ['breaking', 'proto', '--against', 'test/contract/baseline.binpb']));
test('the contract is formatted', () => succeeds('buf', ['format', '-d', '--exit-code', '--path', 'proto/windfall']));

const KIT = ['.', '--config', 'test/kit/buf.yaml', '--path', 'test/kit/proto/chest'];
test("the small engine's contract passes the lint", () => succeeds('buf', ['lint', ...KIT]));
test("the small engine's contract is formatted", () => succeeds('buf', ['format', '-d', '--exit-code', ...KIT]));

test('what is generated is what the contracts give', async () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { generate: string } };
  const folder = mkdtempSync(join(tmpdir(), 'windfall-gen-'));
  try {
    for (const command of scripts.generate.split(' && ').filter((one) => one.startsWith('buf '))) {
      const [, ...args] = command.split(' ');
      const out = args.indexOf('-o') + 1;
      await succeeds('buf', out === 0 ? [...args, '-o', folder] : args.with(out, join(folder, args[out]!)));
    }
    const stale = ['gen', 'test/edge/gen', 'test/kit/gen'].flatMap((made) =>
      differences(join(ROOT, made), join(folder, made)).map((file) => join(made, file)),
    );
    assert.deepEqual(stale, [], 'run npm run generate');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The files that only one of two folders has, or that are not the same in both. */
function differences(one: string, other: string): string[] {
  const [left, right] = [filesOf(one), filesOf(other)];
  return [...new Set([...left, ...right])].filter(
    (file) =>
      !left.has(file) || !right.has(file) || !readFileSync(join(one, file)).equals(readFileSync(join(other, file))),
  );
}

function filesOf(folder: string): Set<string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)),
  );
}
