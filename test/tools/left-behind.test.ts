import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { commandOf, until } from '../../src/db/index.ts';
import type { Child } from '../../src/tools/child.ts';
import { endLeftBehind, noteStarted } from '../../src/tools/left-behind.ts';

describe('what a start has noted', () => {
  let folder: string;
  let left: ChildProcess;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'windfall-left-'));
    left = spawn('sleep', ['60']);
    assert.ok(await until(() => commandOf(left.pid!) === 'sleep 60', 5000));
  });
  afterEach(() => {
    left.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const file = (): string => join(folder, 'processes.json');
  const runs = (): boolean => left.exitCode === null && left.signalCode === null;
  const note = (owner: object, command: string): void =>
    writeFileSync(file(), JSON.stringify({ owner, children: [{ command, pid: left.pid }] }));
  const GONE = { pid: 999_999_999, command: 'node start.ts' };

  test('is ended if the start is gone, and forgotten', async () => {
    note(GONE, 'sleep 60');
    assert.equal(await endLeftBehind(folder), null);
    assert.ok(await until(() => !runs(), 5000));
    assert.equal(existsSync(file()), false);
  });

  test('is left alone if its number is another process now', async () => {
    note(GONE, 'node main.ts');
    assert.equal(await endLeftBehind(folder), null);
    assert.deepEqual([runs(), existsSync(file())], [true, false]);
  });

  test('is left alone while the start is running', async () => {
    note({ pid: process.ppid, command: commandOf(process.ppid) }, 'sleep 60');
    assert.equal(await endLeftBehind(folder), process.ppid);
    assert.deepEqual([runs(), existsSync(file())], [true, true]);
  });

  test('is what runs, for its owner alone to read', async () => {
    noteStarted(folder, [{ pid: left.pid } as Child]);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    // It is the start of this process itself.
    assert.equal(await endLeftBehind(folder), null);
    assert.ok(await until(() => !runs(), 5000));
  });
});
