import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test, vi } from 'vitest';
import { LogFile } from '../../src/db/index.ts';

describe('a log', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'windfall-log-'));
    path = join(folder, 'x.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const ended = Promise.resolve();
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');

  test('survives a restart, whose last words are its own', () => {
    const first = new LogFile(path);
    const file = first.open(ended);
    writeSync(file, 'first\n');
    closeSync(file);
    const second = new LogFile(path);
    closeSync(second.open(ended));
    assert.deepEqual([first.tail(), second.tail()], ['first\n', '']);
    assert.equal(text('x.log'), 'first\n');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('keeps to a size while it is written to, and so do the older ones that are kept', () => {
    const log = new LogFile(path, 10);
    const file = log.open(ended);
    for (let i = 1; i <= 7; i++) {
      writeSync(file, `${i}`.repeat(11));
      log.rotate();
      assert.equal(statSync(path).size, 0);
    }
    writeSync(file, 'short');
    log.rotate();
    closeSync(file);
    assert.deepEqual(readdirSync(folder).sort(), ['x.log', 'x.log.1', 'x.log.2', 'x.log.3', 'x.log.4']);
    assert.deepEqual([text('x.log'), text('x.log.1'), text('x.log.4')], ['short', '7'.repeat(11), '4'.repeat(11)]);
    assert.equal(log.tail(), 'short');
  });

  test('that cannot be moved on stays as it is, and ends nobody', (t) => {
    vi.useFakeTimers();
    t.onTestFinished(() => void vi.useRealTimers());
    const log = new LogFile(path, 10);
    const file = log.open(new Promise(() => undefined));
    writeSync(file, 'too much text');
    // As with a full disk: it cannot be written to.
    symlinkSync(join(folder, 'gone', 'x'), `${path}.1`);
    const open = readdirSync('/proc/self/fd').length;
    for (let looks = 0; looks < 3; looks++) vi.advanceTimersByTime(5000);
    assert.equal(readdirSync('/proc/self/fd').length, open);
    assert.equal(text('x.log'), 'too much text');
    rmSync(`${path}.1`);
    vi.advanceTimersByTime(5000);
    assert.deepEqual([text('x.log'), text('x.log.1')], ['', 'too much text']);
    rmSync(path);
    vi.advanceTimersByTime(5000);
    closeSync(file);
    vi.clearAllTimers();
  });

  test('is read from its end alone', () => {
    const log = new LogFile(path);
    const file = log.open(ended);
    writeSync(file, 'x'.repeat(1_000_000));
    writeSync(file, 'last');
    closeSync(file);
    assert.equal(log.tail().length, 64 * 1024);
    assert.match(log.tail(), /^x+last$/);
  });
});
