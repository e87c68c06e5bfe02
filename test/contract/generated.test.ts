import assert from 'node:assert/strict';
import { test } from 'vitest';
import { runCommand } from '../support/command.ts';

async function succeeds(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(command, args);
  assert.equal(code, 0, output);
}

test('the types fit', () => succeeds('tsc', ['-p', '.']));
test('the contract passes the lint', () => succeeds('buf', ['lint']));
// The baseline is gen/api.binpb of the last release.
test('the contract breaks no client', () =>
  succeeds('buf', ['breaking', 'proto', '--against', 'test/contract/baseline.binpb']));
test('the contract is formatted', () => succeeds('buf', ['format', '-d', '--exit-code', '--path', 'proto/windfall']));

const KIT = ['.', '--config', 'test/kit/buf.yaml', '--path', 'test/kit/proto/chest'];
test("the small engine's contract passes the lint", () => succeeds('buf', ['lint', ...KIT]));
test("the small engine's contract is formatted", () => succeeds('buf', ['format', '-d', '--exit-code', ...KIT]));
